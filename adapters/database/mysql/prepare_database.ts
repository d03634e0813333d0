/** Makes a MySQL database ours: its tables, and the starter shelf in them, beside other starts. */
import type { Connection, RowDataPacket } from "mysql2/promise";
import { CatalogueError } from "../../../src/ports/book_catalogue.ts";
import {
  type Migration,
  migrationTable,
  pendingMigrations,
  readMigrations,
} from "../schema/migrations.ts";
import { readStarterShelf } from "../starter_shelf/starter_shelf.ts";
import { insertBooks } from "./insert_books.ts";

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

/** One service at a time; the server lets go of the lock when a connection ends, however it ends. At most 64 characters. */
const lockName = "CONCAT('shelfcast.', MD5(DATABASE()))";

/**
 * Makes whatever is missing of the database: tables, starter shelf. MySQL cannot make tables in a transaction, so their files
 * can be repeated; the shelf and the row that says so are one transaction.
 */
export async function prepareDatabase(
  connection: Connection,
  options: PrepareOptions,
): Promise<void> {
  const [lock] = await select(connection, `SELECT GET_LOCK(${lockName}, ?) AS held`, [
    otherStartTimeoutSeconds,
  ]);
  if (lock?.held !== 1) {
    throw new CatalogueError(
      "unavailable",
      `Another service has been preparing database "${options.database}" for ${otherStartTimeoutSeconds} s`,
    );
  }
  await migrate(connection, readMigrations("mysql"), options);
  await loadShelf(connection, options);
  await connection.query(`DO RELEASE_LOCK(${lockName})`);
}

async function migrate(
  connection: Connection,
  migrations: readonly Migration[],
  { database, createdAt }: PrepareOptions,
): Promise<void> {
  const found = await select(
    connection,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
  );
  const tables = found.map((row) => String(row.name));
  const rows = tables.includes(migrationTable)
    ? await select(connection, `SELECT version FROM ${migrationTable}`)
    : [];
  const applied = rows.map((row) => Number(row.version));
  const missing = pendingMigrations(migrations, { tables, applied }, `"${database}"`);
  await connection.query(
    `CREATE TABLE IF NOT EXISTS ${migrationTable} ` +
      "(version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, applied_at DATETIME NOT NULL) ENGINE = InnoDB",
  );
  for (const { version, name, sql } of missing) {
    for (const statement of statements(sql)) await connection.query(statement);
    await connection.execute(`INSERT INTO ${migrationTable} VALUES (?, ?, ?)`, [
      version,
      name,
      createdAt,
    ]);
  }
}

/** The files end a statement by a semicolon at the end of a line, and have one there for nothing else. */
function statements(sql: string): readonly string[] {
  return sql.split(/;\s*$/m).map((statement) => statement.trim()).filter((text) => text !== "");
}

async function loadShelf(
  connection: Connection,
  { shelf, createdAt, onShelfProgress }: PrepareOptions,
): Promise<void> {
  const loaded = await select(connection, "SELECT 1 FROM starter_shelf");
  if (loaded.length > 0) return;
  const books = shelf === "starter" ? readStarterShelf() : [];
  await connection.beginTransaction();
  for (let from = 0; from < books.length; from += booksPerInsert) {
    const some = books.slice(from, from + booksPerInsert);
    // The ids are given, because a load that was rolled back would have used up the first ones.
    await insertBooks(connection, some, createdAt, from + 1);
    onShelfProgress(from + some.length, books.length);
  }
  await connection.execute("INSERT INTO starter_shelf VALUES (1, ?, ?)", [books.length, createdAt]);
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
