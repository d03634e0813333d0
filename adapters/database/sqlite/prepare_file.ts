/** Makes an SQLite file ours: its tables, and the starter shelf in them, beside other starts. */
import { DatabaseSync } from "node:sqlite";
import { folderOf } from "../../../src/ports/file_path.ts";
import { makeOwnFile, ownFolder } from "../../../src/ports/own_file.ts";
import type { NewBook } from "../../../src/domain/book.ts";
import { type Migration, migrationTable } from "../schema/migrations.ts";
import { buildIndex } from "./index_build.ts";
import { insertBooks } from "./change_books.ts";
import { checkPlace, inspectFile, isPrepared } from "./inspect_file.ts";
import { setIndexPages } from "./index_pages.ts";
import { catchUp } from "./maintenance.ts";
import { rebuildTables } from "./rebuild_tables.ts";
import { replacedPart, type ShelfIdentity } from "./shelf_file.ts";
import { isLocked } from "./sqlite_fault.ts";
import { countChange, inTransaction } from "./transaction.ts";
import type { PrepareInput } from "./writer_tasks.ts";

/**
 * How long a start waits for another process that is making the same file and loading its shelf.
 */
const otherStartTimeoutMs = 30_000;
const progressEveryBooks = 500;

/**
 * Opens the file for writing, after making whatever is missing of it: folder, file, tables, starter
 * shelf. All of it is one transaction: killed in the middle it has never begun, and of two
 * processes that start at once the second finds it done.
 *
 * @throws by rejection what node:sqlite throws, and `StoreError` where the tables are not ours.
 */
export async function openPrepared(
  input: PrepareInput,
  onShelfProgress: (loaded: number, total: number) => void,
): Promise<DatabaseSync> {
  const { file, busyTimeoutMs, opened } = input;
  if (opened === undefined) {
    checkPlace(file);
    Deno.mkdirSync(folderOf(file), ownFolder);
    // SQLite gives what it puts beside the file the rights of the file.
    makeOwnFile(file);
  } else {
    assertSame(file, opened);
  }
  const database = new DatabaseSync(file, { timeout: otherStartTimeoutMs });
  try {
    if (opened !== undefined) assertSame(file, opened);
    // Before the first change: a file that is not ours stays as it is.
    const plan = inspectFile(database, file);
    enterWal(database);
    // The index of a big shelf is written all over; the default holds 2 MB of it.
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -32768");
    if (!isPrepared(plan)) {
      const books = input.shelf === "starter" ? await starterShelf() : [];
      inTransaction(database, () => {
        // Asked again, now that nobody else can change it.
        const { pending, lost, isShelved } = inspectFile(database, file);
        migrate(database, pending, input.createdAt);
        if (lost.length > 0) rebuildTables(database, lost);
        setIndexPages(database);
        // Of a new file, which has nothing to index.
        if (isEmpty(database)) buildIndex(database, 1);
        if (!isShelved) loadShelf(database, books, input.createdAt, onShelfProgress);
        countChange(database);
      });
    }
    catchUp(database);
    database.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function assertSame(file: string, opened: ShelfIdentity): void {
  const fault = replacedPart(file, opened);
  if (fault !== undefined) throw fault;
}

/**
 * SQLite does not wait for its lock while it changes the journal mode: two first starts at once
 * need this loop.
 */
export function enterWal(database: DatabaseSync): void {
  if (database.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal") return;
  const deadlineMs = performance.now() + otherStartTimeoutMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadlineMs) throw error;
      Atomics.wait(sleeper, 0, 0, 10);
    }
  }
}

/** Applies what a database lacks. @param createdAt When that is. */
export function migrate(
  database: DatabaseSync,
  pending: readonly Migration[],
  createdAt: string,
): void {
  if (pending.length === 0) return;
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${migrationTable} ` +
      "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
  );
  for (const { version, name, sql } of pending) {
    database.exec(sql);
    database.prepare(`INSERT INTO ${migrationTable} VALUES (?, ?, ?)`).run(
      version,
      name,
      createdAt,
    );
  }
}

/** What reads it is loaded on a first start only. */
async function starterShelf(): Promise<readonly NewBook[]> {
  const { readStarterShelf }: typeof import("../starter_shelf/starter_shelf.ts") = await import(
    import.meta.resolve("../starter_shelf/starter_shelf.ts")
  );
  return readStarterShelf();
}

function loadShelf(
  database: DatabaseSync,
  books: readonly NewBook[],
  createdAt: string,
  onProgress: (loaded: number, total: number) => void,
): void {
  for (let loaded = 0; loaded < books.length;) {
    const some = books.slice(loaded, loaded + progressEveryBooks);
    insertBooks(database, some, createdAt);
    loaded += some.length;
    onProgress(loaded, books.length);
  }
  database.prepare("INSERT INTO starter_shelf VALUES (1, ?, ?)").run(books.length, createdAt);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM books").get() === undefined;
}
