/** The simplest durable log in SQLite: a row a record, WAL, synchronous=FULL. */
import { DatabaseSync, type StatementSync } from "node:sqlite";

export interface SqliteTable {
  readonly db: DatabaseSync;
  readonly insert: StatementSync;
}

export function openSqliteTable(file: string): SqliteTable {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS records (
      offset INTEGER PRIMARY KEY, timestamp INTEGER, key BLOB, value BLOB)`);
  const insert = db.prepare("INSERT INTO records (timestamp, key, value) VALUES (?, ?, ?)");
  return { db, insert };
}

/** One transaction; it is on the disk when this returns. */
export function insertSynced({ db, insert }: SqliteTable, values: readonly Uint8Array[]): void {
  db.exec("BEGIN IMMEDIATE");
  for (const value of values) insert.run(Date.now(), "twelve bytes", value);
  db.exec("COMMIT");
}
