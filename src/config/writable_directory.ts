import { folderOf } from "../ports/file_path.ts";

/** Write and search, for the owner. */
const ownersRights = 0o300;

/**
 * Whether the operating system lets this user write in a directory, or make it where it is missing.
 * Deno's permissions say what the program may ask for, not what it gets.
 *
 * Deno answers that only where it may say who the user is; where it may not, nothing is found.
 *
 * @returns Why not, as a predicate; undefined where it does.
 */
export async function refusalToWrite(directory: string): Promise<string | undefined> {
  if (!await mayKnowUser()) return undefined;
  let place = directory.startsWith("/") ? directory : `${Deno.cwd()}/${directory}`;
  for (;;) {
    if (isPlainlyOurs(place)) return undefined;
    if (leadsNowhere(place)) {
      return `cannot be made ("${place}" is a symbolic link to what is not there)`;
    }
    const refusal = await refusalOf(place);
    if (refusal === undefined) return undefined;
    const parent = folderOf(place);
    if (refusal === "ENOENT" && parent !== place) place = parent;
    else return `may not be written by this user ("${place}": ${refusal})`;
  }
}

/** A folder of this user's with the usual rights: what can say more takes long to load. */
function isPlainlyOurs(place: string): boolean {
  try {
    const { isDirectory, uid, mode } = Deno.statSync(place);
    return isDirectory && uid === Deno.uid() && ((mode ?? 0) & ownersRights) === ownersRights;
  } catch {
    return false;
  }
}

/** A link to what is missing, which nobody makes. Who asks for its rights gets the link's own. */
function leadsNowhere(place: string): boolean {
  try {
    if (!Deno.lstatSync(place).isSymlink) return false;
  } catch {
    return false;
  }
  try {
    Deno.statSync(place);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

async function refusalOf(place: string): Promise<string | undefined> {
  const { access, constants } = await import("node:fs/promises");
  try {
    await access(place, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return String(error instanceof Error && "code" in error ? error.code : error);
  }
}

/** Asked before: without the right, what asks the operating system ends the process. */
async function mayKnowUser(): Promise<boolean> {
  const kinds = ["uid", "gid"] as const;
  const found = await Promise.all(
    kinds.map((kind) => Deno.permissions.query({ name: "sys", kind })),
  );
  return found.every(({ state }) => state === "granted");
}
