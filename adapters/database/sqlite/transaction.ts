import type { DatabaseSync } from "node:sqlite";
import { prepareOnce } from "./prepared.ts";

/**
 * Runs `change` in a transaction of its own. IMMEDIATE: the lock is waited for at the beginning,
 * where waiting is possible; a transaction that reads first and writes later would fail at once
 * with SQLITE_BUSY.
 */
export function inTransaction<Result>(database: DatabaseSync, change: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = change();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // Some faults (a full disk) have rolled it back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Part of every change: by it a log is told from another file's (`wal_lineage.ts`). */
export function countChange(database: DatabaseSync): void {
  const row = prepareOnce(database, "PRAGMA user_version").get();
  database.exec(`PRAGMA user_version = ${(Number(row?.user_version) + 1) % 2 ** 31}`);
}
