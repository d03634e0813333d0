/** The index beside the books: forms, and a row for each gram of a book. */
import type { Connection } from "mysql2/promise";
import { bookGrams } from "../schema/grams.ts";
import type { IndexedBook } from "../schema/stored_book.ts";
import { select } from "./book_queries.ts";

/** A statement with the grams of more is slow to read, and locks for long. */
const booksPerStatement = 100;

/** Puts books that are not in the index into it, inside the caller's transaction. */
export async function putIntoIndex(
  connection: Connection,
  books: readonly (IndexedBook & { readonly id: number })[],
): Promise<void> {
  for (let from = 0; from < books.length; from += booksPerStatement) {
    const some = books.slice(from, from + booksPerStatement);
    await connection.query(
      "INSERT INTO shelfcast_forms (id, title_key, text, isbn, json) VALUES ?",
      [some.map(({ id, titleKey, text, isbn, json }) => [id, titleKey, text, isbn, json])],
    );
    // In the order of the key: neighbours share pages, and two writers do not wait for each other
    // crosswise.
    const rows = some.flatMap(({ id, grams }) => grams.map((gram) => [gram, id] as const))
      .toSorted(([a, x], [b, y]) => a === b ? x - y : a < b ? -1 : 1);
    await connection.query("INSERT IGNORE INTO shelfcast_grams (gram, id) VALUES ?", [rows]);
  }
}

/** Takes a book out of the index, where it is in it, inside the caller's transaction. */
export async function takeOutOfIndex(connection: Connection, id: number): Promise<void> {
  const [form] = await select(
    connection,
    "SELECT title_key, text FROM shelfcast_forms WHERE id = ? FOR UPDATE",
    [String(id)],
  );
  if (form === undefined) return;
  const grams = bookGrams({ titleKey: String(form.title_key), text: String(form.text) });
  await connection.query("DELETE FROM shelfcast_grams WHERE id = ? AND gram IN (?)", [id, grams]);
  await connection.query("DELETE FROM shelfcast_forms WHERE id = ?", [id]);
}
