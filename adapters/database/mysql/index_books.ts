/** The index beside the books: forms, and a row for each gram of a book. */
import type { Connection, RowDataPacket } from "mysql2/promise";
import { bookGrams } from "../schema/grams.ts";
import { type IndexedBook, indexedBook } from "../schema/stored_book.ts";
import type { BookRow } from "./book_queries.ts";

/** A statement with the grams of more is slow to read, and locks for long. */
const booksPerStatement = 100;

/** What the index should have of a book. */
export function indexed({ book, isbn }: BookRow): IndexedBook & { readonly id: number } {
  return { id: book.id, ...indexedBook(book, isbn) };
}

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

/** What the index has of a book, but for its grams. */
export type StoredForm = Omit<IndexedBook, "grams">;

/** A row of `shelfcast_forms`. */
export function toForm(row: RowDataPacket): StoredForm {
  return {
    titleKey: String(row.title_key),
    text: String(row.text),
    isbn: row.isbn === null ? null : String(row.isbn),
    json: String(row.json),
  };
}

/** Whether the index has this of a book: nothing has to be written. */
export function isSame(book: IndexedBook, form: StoredForm | undefined): boolean {
  return form !== undefined && book.json === form.json && book.isbn === form.isbn &&
    book.text === form.text && book.titleKey === form.titleKey;
}

/** What the index has of these books, kept from changes by others until the transaction ends. */
export async function lockForms(
  connection: Connection,
  ids: readonly number[],
): Promise<ReadonlyMap<number, StoredForm>> {
  if (ids.length === 0) return new Map();
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT id, title_key, text, isbn, json FROM shelfcast_forms WHERE id IN (?) ORDER BY id FOR UPDATE",
    [ids],
  );
  return new Map(rows.map((row) => [Number(row.id), toForm(row)]));
}

/**
 * Of an older shelf that is still being indexed: what is put into the index would be found twice.
 */
export async function leaveOlderTable(
  connection: Connection,
  ids: readonly number[],
): Promise<void> {
  if (ids.length > 0) await connection.query("DELETE FROM book_search WHERE id IN (?)", [ids]);
}

/** Takes a book out of the index, where it is in it, inside the caller's transaction. */
export async function takeOutOfIndex(
  connection: Connection,
  id: number,
  known?: StoredForm,
): Promise<void> {
  const form = known ?? (await lockForms(connection, [id])).get(id);
  if (form === undefined) return await leaveOlderTable(connection, [id]);
  const grams = bookGrams(form);
  await connection.query("DELETE FROM shelfcast_grams WHERE id = ? AND gram IN (?)", [id, grams]);
  await connection.query("DELETE FROM shelfcast_forms WHERE id = ?", [id]);
}
