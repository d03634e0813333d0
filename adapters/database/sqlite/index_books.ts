import type { DatabaseSync } from "node:sqlite";
import { type IndexedBook, indexedBook } from "../schema/stored_book.ts";
import { bookColumns, type BookRow, toBook } from "./book_row.ts";
import { prepareOnce } from "./prepared.ts";

/** Puts a book into the index, or other contents of it, inside the caller's transaction. */
export function putIntoIndex(database: DatabaseSync, id: number, book: IndexedBook): void {
  const { titleKey, text, isbn, json, grams } = book;
  prepareOnce(
    database,
    "INSERT OR REPLACE INTO shelfcast_forms (id, title_key, text, isbn, json) VALUES (?, ?, ?, ?, ?)",
  ).run(id, titleKey, text, isbn, json);
  prepareOnce(database, "INSERT OR REPLACE INTO shelfcast_grams (rowid, grams) VALUES (?, ?)")
    .run(id, grams.join(" "));
  // Of an older shelf that is still being indexed: it would be found twice.
  prepareOnce(database, "DELETE FROM book_search WHERE id = ?").run(id);
}

/** Takes a book out of the index, inside the caller's transaction. */
export function takeOutOfIndex(database: DatabaseSync, id: number): void {
  prepareOnce(database, "DELETE FROM shelfcast_forms WHERE id = ?").run(id);
  prepareOnce(database, "DELETE FROM shelfcast_grams WHERE rowid = ?").run(id);
}

/**
 * Runs a change of this program: what it changes is in the index already, so that the notes which
 * the triggers make of it are taken back. Inside the caller's transaction.
 */
export function withoutNotes<Result>(database: DatabaseSync, change: () => Result): Result {
  const row = prepareOnce(database, "SELECT max(rowid) AS last FROM shelfcast_changes").get();
  const result = change();
  prepareOnce(database, "DELETE FROM shelfcast_changes WHERE rowid > ?").run(
    Number(row?.last ?? 0),
  );
  return result;
}

/**
 * Brings some of the books that anybody has changed up to date in the index, inside the caller's
 * transaction.
 *
 * @returns How many; none: the index is as the books are.
 */
export function indexChanges(database: DatabaseSync, most: number): number {
  // An id that no number can be is no book's: it would hold up all notes behind it.
  const notes = prepareOnce(
    database,
    `SELECT rowid AS note, iif(id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}, id, 0) AS id
     FROM shelfcast_changes ORDER BY rowid LIMIT ?`,
  ).all(most);
  const ids = new Set(notes.map(({ id }) => Number(id)));
  const select = prepareOnce(database, `SELECT ${bookColumns}, isbn FROM books b WHERE id = ?`);
  for (const id of ids) {
    const row = select.get(id);
    if (row === undefined) takeOutOfIndex(database, id);
    else indexRow(database, row);
  }
  const last = notes.at(-1)?.note;
  if (last !== undefined) {
    prepareOnce(database, "DELETE FROM shelfcast_changes WHERE rowid <= ?").run(last);
  }
  return ids.size;
}

/** Indexes a row of `books`, where the index has anything else of it. */
export function indexRow(database: DatabaseSync, row: BookRow): void {
  const book = toBook(row);
  const indexed = indexedBook(book, row.isbn === null ? null : String(row.isbn));
  const { titleKey, text, isbn, json } = indexed;
  const same = prepareOnce(
    database,
    "SELECT 1 FROM shelfcast_forms WHERE id = ? AND title_key = ? AND text = ? AND isbn IS ? AND json = ?",
  );
  if (same.get(book.id, titleKey, text, isbn, json) !== undefined) return;
  putIntoIndex(database, book.id, indexed);
}
