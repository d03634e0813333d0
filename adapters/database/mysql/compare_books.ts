/**
 * All books are compared with the index where nobody has noted what was changed by SQL: without
 * triggers, and after a table was made anew, emptied or restored. A note says so, so that it is
 * done, whoever is killed meanwhile.
 */
import type { Connection } from "mysql2/promise";
import { booksAfter, select } from "./book_queries.ts";
import { indexed, isSame, toForm } from "./index_books.ts";

/** The book of a note that means all of them; ids begin at 1. */
export const allBooks = 0;

export async function noteAllBooks(connection: Connection): Promise<void> {
  await connection.query("INSERT INTO shelfcast_changes (book) VALUES (?)", [allBooks]);
}

/** The last note that wants all books compared; undefined: there is none. */
export async function wantedComparison(connection: Connection): Promise<string | undefined> {
  const [row] = await select(
    connection,
    `SELECT MAX(note) AS note FROM shelfcast_changes WHERE book = ${allBooks}`,
  );
  return row === undefined || row.note === null ? undefined : String(row.note);
}

export async function endComparison(connection: Connection, note: string): Promise<void> {
  await connection.query(
    `DELETE FROM shelfcast_changes WHERE book = ${allBooks} AND note <= ?`,
    [note],
  );
}

/**
 * Whether the index ends where the books do, or will: one that was emptied or restored tells no
 * trigger.
 */
export async function endsAgree(connection: Connection): Promise<boolean> {
  const [row] = await select(
    connection,
    `SELECT (SELECT MAX(id) FROM books WHERE id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}) <=>
        (SELECT MAX(id) FROM shelfcast_forms) OR EXISTS (SELECT 1 FROM shelfcast_changes) OR
        EXISTS (SELECT 1 FROM shelfcast_build) AS agree`,
  );
  return Number(row?.agree) === 1;
}

/**
 * Notes the books of which the index has other contents, in one range of ids.
 *
 * @returns The last id that was compared; undefined: there are none behind.
 */
export async function noteDifferences(
  connection: Connection,
  afterId: number,
  books: number,
): Promise<number | undefined> {
  const rows = await booksAfter(connection, afterId, books);
  const last = rows.length < books ? Number.MAX_SAFE_INTEGER : rows.at(-1)?.book.id ?? afterId;
  const forms = await select(
    connection,
    "SELECT id, title_key, text, isbn, json FROM shelfcast_forms WHERE id > ? AND id <= ?",
    [String(afterId), String(last)],
  );
  const stored = new Map(forms.map((form) => [Number(form.id), toForm(form)]));
  const other = rows.map(indexed).filter((book) => {
    const same = isSame(book, stored.get(book.id));
    stored.delete(book.id);
    return !same;
  });
  // What is left has no book any more.
  const ids = [...other.map(({ id }) => id), ...stored.keys()];
  if (ids.length > 0) {
    await connection.query("INSERT INTO shelfcast_changes (book) VALUES ?", [
      ids.map((id) => [id]),
    ]);
  }
  return rows.length < books ? undefined : last;
}
