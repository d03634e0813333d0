/**
 * The index of a shelf that an older version made: books by their ids, some in each transaction, so
 * that changes come in between, and a build that is killed goes on where it was. A book that is not
 * indexed yet is still in `book_search`, the table that the older version searched by scanning;
 * together they are always all books.
 */
import type { DatabaseSync } from "node:sqlite";
import { bookColumns } from "./book_row.ts";
import { indexRow } from "./index_books.ts";
import { setIndexPages } from "./index_pages.ts";
import { prepareOnce } from "./prepared.ts";

/** How far a build is; undefined where there is none, or no more. */
export interface BuildProgress {
  /** Books, by their ids. */
  readonly indexed: number;
  readonly total: number;
}

/** Begins anew, for an index that has been damaged, inside the caller's transaction. */
export function restartBuild(database: DatabaseSync): void {
  database.exec(
    "DELETE FROM shelfcast_forms; INSERT INTO shelfcast_grams (shelfcast_grams) VALUES ('delete-all'); " +
      "DELETE FROM shelfcast_changes; DELETE FROM shelfcast_build; INSERT INTO shelfcast_build VALUES (1, 0)",
  );
  setIndexPages(database);
}

/**
 * Indexes the next books, inside the caller's transaction. Undefined: there is nothing left to do.
 */
export function buildIndex(database: DatabaseSync, books: number): BuildProgress | undefined {
  const row = prepareOnce(database, "SELECT indexed_id FROM shelfcast_build").get();
  if (row === undefined) return undefined;
  const from = Number(row.indexed_id);
  const rows = prepareOnce(
    database,
    `SELECT ${bookColumns}, isbn FROM books b WHERE id > ? AND id <= ${Number.MAX_SAFE_INTEGER}
     ORDER BY id LIMIT ?`,
  ).all(from, books);
  const last = rows.at(-1);
  if (last === undefined) {
    database.exec("DELETE FROM book_search; DELETE FROM shelfcast_build");
    return undefined;
  }
  const known = prepareOnce(database, "SELECT 1 FROM shelfcast_forms WHERE id = ?");
  for (const row of rows) {
    // One that was added or changed meanwhile is there.
    if (known.get(row.id ?? null) === undefined) indexRow(database, row);
  }
  const through = Number(last.id);
  prepareOnce(database, "DELETE FROM book_search WHERE id <= ?").run(through);
  prepareOnce(database, "UPDATE shelfcast_build SET indexed_id = ?").run(through);
  const end = prepareOnce(database, "SELECT max(id) AS id FROM books WHERE id <= ?").get(
    Number.MAX_SAFE_INTEGER,
  );
  return { indexed: through, total: Number(end?.id ?? 0) };
}
