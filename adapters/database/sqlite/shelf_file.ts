/**
 * Notices that the file under a running shop, or its log, is another one: removed, replaced by a
 * backup, or overwritten. SQLite itself would go on with what has no name any more, and all would
 * be lost with the process.
 */
import { StoreError } from "../../../src/ports/store_error.ts";

/**
 * Which file stands at a path; undefined where none does.
 *
 * @throws {StoreError} `unavailable`, where this user may not look.
 */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev}:${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new StoreError(
      "unavailable",
      `Database file "${path}" cannot be looked at, wanted the right to read and write it and its folder: ` +
        "give it back to the user who runs this",
      { cause: error },
    );
  }
}

/** The file, its log, and the index of that log, by which processes agree on what is in it. */
const parts = ["", "-wal", "-shm"] as const;

/** Which files stood at a shelf's paths when it was opened, in the order of the parts. */
export type ShelfIdentity = readonly (string | undefined)[];

export const shelfIdentity = (file: string): ShelfIdentity =>
  parts.map((part) => identityOf(file + part));

/**
 * Why nothing may be written, where one of the files is not the one that was opened.
 *
 * @throws {StoreError} as `identityOf`.
 */
export function replacedPart(file: string, opened: ShelfIdentity): StoreError | undefined {
  for (const [index, part] of parts.entries()) {
    const found = identityOf(file + part);
    if (found !== opened[index]) return otherFile(file, found !== undefined, part);
  }
  return undefined;
}

/** In bytes; undefined where there is none. */
export function sizeOf(path: string): number | undefined {
  return identityOf(path) === undefined ? undefined : Deno.statSync(path).size;
}

/** Why nothing is answered from a file that is not the one that was opened. */
export function otherFile(
  file: string,
  isThere: boolean,
  part: typeof parts[number] = "",
): StoreError {
  const is = isThere ? "was replaced" : "was removed";
  const advice = part !== ""
    ? "the database is opened anew within seconds, with all that was accepted"
    : isThere
    ? "it is opened anew within seconds, as it is now"
    : "put it back, else a new one is made within seconds";
  return new StoreError(
    "unavailable",
    `Database file "${file}${part}" ${is} under the running shop, wanted the one that was opened: ${advice}`,
  );
}

/**
 * Puts the log of a file that is gone out of the way of the one that stands there now, which it
 * would change. What it holds is kept.
 *
 * @returns Where it is kept; undefined where there was nothing to keep.
 */
export function setLogAside(
  file: string,
  ownLog: string | undefined,
  nowMs: number,
): string | undefined {
  const log = `${file}-wal`;
  if (ownLog === undefined || identityOf(log) !== ownLog) return undefined;
  if (Deno.statSync(log).size === 0) {
    Deno.removeSync(log);
    return undefined;
  }
  const kept = `${log}.of-replaced-file-${nowMs}`;
  Deno.renameSync(log, kept);
  return kept;
}
