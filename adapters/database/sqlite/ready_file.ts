import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../../src/ports/store_error.ts";
import { checkPlace, hasChanges, inspectFile, isPrepared } from "./inspect_file.ts";
import { sizeOf } from "./shelf_file.ts";

/**
 * Blocks the thread, so it is short; in WAL only another process's start or end can use it.
 */
const readBusyTimeoutMs = 200;

/** To read what is prepared. */
export const openToRead = (file: string): DatabaseSync =>
  new DatabaseSync(file, { readOnly: true, timeout: readBusyTimeoutMs });

/**
 * Opens a file in which a start has nothing to make, or to catch up with, to read it; undefined
 * where it has, or where it takes the writer to find out what is wrong.
 *
 * @throws {StoreError} `failed`: what a start refuses.
 */
export function openIfReady(file: string): DatabaseSync | undefined {
  checkPlace(file);
  // SQLite takes an empty file for a new database.
  if ((sizeOf(file) ?? 0) === 0) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = openToRead(file);
    const isWal = database.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal";
    if (isWal && isPrepared(inspectFile(database, file)) && !hasChanges(database)) return database;
  } catch (error) {
    if (error instanceof StoreError) {
      database?.close();
      throw error;
    }
  }
  database?.close();
  return undefined;
}
