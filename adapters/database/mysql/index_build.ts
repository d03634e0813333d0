/**
 * The index of a shelf that an older version made, and of books that somebody changes by SQL: a few
 * books in each transaction, so that other services write in between, and what is killed goes on
 * where it was. A book that is not indexed yet is still in `book_search`, the table that the older
 * version searched by scanning; together they are always all books.
 */
import type { Connection, RowDataPacket } from "mysql2/promise";
import { booksAfter, lockBooks, select } from "./book_queries.ts";
import { quietTriggers } from "./change_triggers.ts";
import { renewVersion } from "./shelf_version.ts";
import {
  indexed,
  isSame,
  leaveOlderTable,
  lockForms,
  putIntoIndex,
  takeOutOfIndex,
} from "./index_books.ts";
import { allBooks } from "./compare_books.ts";

export async function isBuilding(connection: Connection): Promise<boolean> {
  return (await select(connection, "SELECT 1 FROM shelfcast_build")).length > 0;
}

/** How far it is, by the ids of books; undefined: there is nothing left to do. */
export interface BuildProgress {
  readonly indexed: number;
  readonly total: number;
}

/**
 * Begins the index anew where its grams were emptied, or restored without content: nobody else
 * would notice, and searches would find less and less. All of it or nothing, so that a kill leaves
 * no forms without grams.
 *
 * @returns Whether it was so.
 */
export async function beginWithoutGrams(connection: Connection): Promise<boolean> {
  const [row] = await select(
    connection,
    `SELECT NOT EXISTS (SELECT 1 FROM shelfcast_grams) AND EXISTS (SELECT 1 FROM shelfcast_forms) AND
      NOT EXISTS (SELECT 1 FROM shelfcast_build) AS lost`,
  );
  if (Number(row?.lost) !== 1) return false;
  await connection.beginTransaction();
  await connection.query("REPLACE INTO shelfcast_build VALUES (1, 0)");
  await connection.query("DELETE FROM shelfcast_forms");
  await renewVersion(connection);
  await connection.commit();
  return true;
}

/** Indexes the next books of an older shelf. */
export async function buildIndex(
  connection: Connection,
  books: number,
): Promise<BuildProgress | undefined> {
  await connection.beginTransaction();
  // Of services that do it at the same time, one after the other.
  const [row] = await select(connection, "SELECT indexed_id FROM shelfcast_build FOR UPDATE");
  const rows = row === undefined ? [] : await booksAfter(connection, Number(row.indexed_id), books);
  const last = rows.at(-1);
  if (last === undefined) {
    await quietTriggers(connection);
    if (row !== undefined) {
      await connection.query("DELETE FROM book_search");
      await connection.query("DELETE FROM shelfcast_build");
      await renewVersion(connection);
    }
    await connection.commit();
    return undefined;
  }
  const [known] = await connection.query<RowDataPacket[]>(
    "SELECT id FROM shelfcast_forms WHERE id IN (?)",
    [rows.map(({ book }) => book.id)],
  );
  // One that was added or changed meanwhile is there.
  const there = new Set(known.map(({ id }) => Number(id)));
  await putIntoIndex(connection, rows.filter(({ book }) => !there.has(book.id)).map(indexed));
  const through = last.book.id;
  await connection.query("DELETE FROM book_search WHERE id <= ?", [through]);
  await connection.query("UPDATE shelfcast_build SET indexed_id = ?", [through]);
  const [end] = await select(connection, "SELECT max(id) AS id FROM books");
  await renewVersion(connection);
  await connection.commit();
  return { indexed: through, total: Number(end?.id ?? 0) };
}

/**
 * Brings some of the books that somebody has changed up to date. Answers how many notes that took.
 */
export async function indexChanges(connection: Connection, most: number): Promise<number> {
  await connection.beginTransaction();
  const notes = await select(
    connection,
    `SELECT note, book FROM shelfcast_changes WHERE book <> ${allBooks} ORDER BY note LIMIT ? FOR UPDATE`,
    [String(most)],
  );
  // An id that no number can be is no book's.
  const ids = [...new Set(notes.map(({ book }) => Number(book)))].filter(Number.isSafeInteger);
  const rows = await lockBooks(connection, ids);
  const stored = await lockForms(connection, ids);
  const now = rows.map(indexed);
  const same = new Set(now.filter((book) => isSame(book, stored.get(book.id))).map(({ id }) => id));
  for (const [id, form] of stored) if (!same.has(id)) await takeOutOfIndex(connection, id, form);
  await leaveOlderTable(connection, ids.filter((id) => !stored.has(id)));
  await putIntoIndex(connection, now.filter(({ id }) => !same.has(id)));
  if (notes.length > 0) {
    await connection.query("DELETE FROM shelfcast_changes WHERE note IN (?)", [
      notes.map(({ note }) => note),
    ]);
    await renewVersion(connection);
  }
  await connection.commit();
  return notes.length;
}
