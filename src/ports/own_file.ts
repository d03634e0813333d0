/**
 * Files that are this program's own: what they hold (queries, visitors, books) is for its user
 * only, and what others put at their place is not followed.
 */

/** No link may stand there: who can make one could have another file overwritten by it. */
export class LinkedFileError extends Error {
  /** Survives minification and structured logging. */
  override readonly name = "LinkedFileError";

  /** A fault of the file at that path. */
  constructor(path: string) {
    super(`File "${path}" is a symbolic link, wanted the file itself`);
  }
}

const mode = 0o600;

/** As `Deno.open`, of files that are there (`read`, `write`) or, where they are not, made. */
export async function openOwnFile(
  path: string,
  access: "read" | "write" | "create",
): Promise<Deno.FsFile> {
  if (access === "create") {
    try {
      // Follows nothing, a link to nowhere neither.
      return await Deno.open(path, { read: true, write: true, createNew: true, mode });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  const seen = await Deno.lstat(path);
  if (seen.isSymlink) throw new LinkedFileError(path);
  const file = await Deno.open(path, { read: true, write: access !== "read" });
  // Deno has no O_NOFOLLOW: what has come between the look and the deed is another file.
  const opened = await file.stat();
  if (opened.ino === seen.ino && opened.dev === seen.dev) return file;
  file.close();
  throw new LinkedFileError(path);
}

/** Makes a file where there is none, for others to open by its path. @throws {LinkedFileError} */
export function makeOwnFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    refuseLink(path);
  }
}

/**
 * Makes a file with that content, unless there is one already. Nobody sees a part of it: it bears
 * its name when all is written.
 */
export async function makeSecretFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}`;
  try {
    const file = await Deno.open(beside, { write: true, createNew: true, mode });
    try {
      await file.write(new TextEncoder().encode(text));
      await file.sync();
    } finally {
      file.close();
    }
    // Takes no other's place, as a renaming would.
    await Deno.link(beside, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(beside).catch(() => {});
  }
}

/** That no link stands at a path. @throws {LinkedFileError} */
export function refuseLink(path: string): void {
  try {
    if (!Deno.lstatSync(path).isSymlink) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new LinkedFileError(path);
}

/** How a folder is made. */
export const ownFolder = { recursive: true, mode: 0o700 } as const;

/**
 * What operators are told of files that other users of this machine may read, or change; undefined
 * where they may not, or it cannot be seen.
 *
 * @param paths A file or folder, and then what others would look for in it.
 */
export function readByOthers(paths: readonly string[]): string | undefined {
  const [shown = ""] = paths;
  try {
    for (const path of paths) if (((Deno.statSync(path).mode ?? 0) & 0o077) === 0) return undefined;
  } catch {
    return undefined;
  }
  return `"${shown}" is open to other users of this machine, wanted its own user only: ` +
    `chmod -R go= "${shown}"`;
}
