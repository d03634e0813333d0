/** Makes a MySQL database ours: its tables, and the starter shelf in them, beside other starts. */
import type { Connection, RowDataPacket } from "mysql2/promise";
import { StoreError } from "../../../src/ports/store_error.ts";
import { type Migration, migrationTable, statementsOf } from "../schema/migrations.ts";
import { readStarterShelf } from "../starter_shelf/starter_shelf.ts";
import { insertBooks } from "./change_books.ts";
import { ensureTriggers } from "./change_triggers.ts";
import { inspectDatabase, isPrepared } from "./inspect_database.ts";
import { renewVersion } from "./shelf_version.ts";
import { rebuildTables } from "./rebuild_tables.ts";

export interface PrepareOptions {
  readonly database: string;
  readonly shelf: "starter" | "empty";
  /** `created_at` of the starter shelf. */
  readonly createdAt: string;
  readonly onShelfProgress: (loaded: number, total: number) => void;
}

/** How long a start waits for another service that is preparing the same database. */
const otherStartTimeoutSeconds = 60;
/** The longest that preparing takes in all. */
export const prepareTimeoutMs = 120_000;
const booksPerInsert = 500;

/**
 * One service at a time; the server lets go of the lock when a connection ends, however it ends. At
 * most 64 characters.
 */
const lockName = "CONCAT('shelfcast.', MD5(DATABASE()))";

/**
 * Makes whatever is missing of the database: tables, starter shelf. MySQL cannot make tables in a
 * transaction, so their files can be repeated; the shelf and the row that says so are one
 * transaction. Where nothing is missing, nothing is written or locked.
 *
 * @throws {StoreError} as `inspectDatabase` does, else what mysql2 throws.
 */
export async function prepareDatabase(
  connection: Connection,
  options: PrepareOptions,
): Promise<void> {
  const { database } = options;
  if (isPrepared(await inspectDatabase(connection, database))) return;
  const [lock] = await select(connection, `SELECT GET_LOCK(${lockName}, ?) AS held`, [
    otherStartTimeoutSeconds,
  ]);
  if (lock?.held !== 1) {
    throw new StoreError(
      "unavailable",
      `Another service has been preparing database "${database}" for ${otherStartTimeoutSeconds} s`,
    );
  }
  // Asked again, now that no other service can change it.
  const { pending, lost, isShelved } = await inspectDatabase(connection, database);
  await migrate(connection, pending, options);
  if (lost.length > 0) await rebuildTables(connection, lost);
  // From the beginning on; where this user may make none, whoever maintains the index tells it.
  if (pending.length > 0) await ensureTriggers(connection);
  // Of a new database, which has nothing to index.
  const books = await select(connection, "SELECT 1 FROM books LIMIT 1");
  if (books.length === 0) await connection.query("DELETE FROM shelfcast_build");
  if (!isShelved) await loadShelf(connection, options);
  if (pending.length > 0) await renewVersion(connection);
  await connection.query(`DO RELEASE_LOCK(${lockName})`);
}

async function migrate(
  connection: Connection,
  pending: readonly Migration[],
  { createdAt }: PrepareOptions,
): Promise<void> {
  if (pending.length === 0) return;
  await connection.query(
    `CREATE TABLE IF NOT EXISTS ${migrationTable} ` +
      "(version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, applied_at DATETIME NOT NULL) ENGINE = InnoDB",
  );
  for (const { version, name, sql } of pending) {
    for (const statement of statementsOf(sql)) await apply(connection, statement);
    await connection.execute(`INSERT INTO ${migrationTable} VALUES (?, ?, ?)`, [
      version,
      name,
      createdAt,
    ]);
  }
}

/** A file can be repeated, but there is no ADD COLUMN IF NOT EXISTS in MySQL. */
async function apply(connection: Connection, statement: string): Promise<void> {
  try {
    await connection.query(statement);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ER_DUP_FIELDNAME") throw error;
  }
}

async function loadShelf(
  connection: Connection,
  { shelf, createdAt, onShelfProgress }: PrepareOptions,
): Promise<void> {
  const books = shelf === "starter" ? readStarterShelf() : [];
  await connection.beginTransaction();
  for (let from = 0; from < books.length; from += booksPerInsert) {
    const some = books.slice(from, from + booksPerInsert);
    // The ids are given, because a load that was rolled back would have used up the first ones.
    await insertBooks(connection, some, createdAt, from + 1);
    onShelfProgress(from + some.length, books.length);
  }
  await connection.execute("INSERT INTO starter_shelf VALUES (1, ?, ?)", [books.length, createdAt]);
  await renewVersion(connection);
  await connection.commit();
}

async function select(
  connection: Connection,
  sql: string,
  values: (string | number)[] = [],
): Promise<RowDataPacket[]> {
  const [rows] = await connection.execute<RowDataPacket[]>(sql, values);
  return rows;
}
