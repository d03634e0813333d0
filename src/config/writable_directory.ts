import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";

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
  let place = resolve(directory);
  for (;;) {
    try {
      await access(place, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const parent = dirname(place);
      if (code === "ENOENT" && parent !== place) place = parent;
      else return `may not be written by this user ("${place}": ${code ?? error})`;
    }
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
