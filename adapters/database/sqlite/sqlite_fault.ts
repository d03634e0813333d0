import { StoreError, type StoreErrorCode } from "../../../src/ports/store_error.ts";

/**
 * SQLite's own texts for result codes that pass: BUSY, LOCKED, IOERR, FULL, CANTOPEN
 * (`sqlite3_errstr`, sqlite.org/rescode.html). Texts, because node:sqlite in Deno 2.9 gives no
 * `errcode`; they are constants of SQLite's main.c.
 */
const locked = "database is locked";
const passing = [
  locked,
  "database table is locked",
  "disk I/O error",
  "database or disk is full",
  "unable to open database file",
];

/** What a thrown value of node:sqlite means for the port. A `StoreError` stays as it is. */
export function sqliteFault(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code: StoreErrorCode = passing.some((text) => message.startsWith(text))
    ? "unavailable"
    : "failed";
  return new StoreError(code, `SQLite cannot ${doing}: ${message}`, { cause: error });
}

/** SQLITE_BUSY: another connection holds the lock. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(locked);
}

/**
 * What opening a file has thrown, with what to do about it. Nobody would be helped by trying again:
 * `failed`.
 */
export function openFault(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const reason = openReasons.find(([text]) => message.includes(text))?.[1] ??
    `${message.split("\n")[0]}, wanted a database file that can be read and written`;
  return new StoreError("failed", `Cannot open SQLite database "${file}": ${reason}`, {
    cause: error,
  });
}

const openReasons: readonly (readonly [text: string, reason: string])[] = [
  [
    "file is not a database",
    "it is no SQLite database, wanted one or no file; name another in db.sqlite.file",
  ],
  [
    "unable to open database file",
    "the file cannot be made or opened, wanted a file in a folder that can be written",
  ],
  [
    "readonly database",
    "it is read-only, wanted a file and a folder that can be written",
  ],
  [
    locked,
    "another process holds it locked, wanted one that lets go within the time-out; find and end that process",
  ],
];
