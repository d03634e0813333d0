/** The questions about books that are no searches, and how a row becomes a book. */
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Book } from "../../../src/domain/book.ts";
import type { BookPage, PageRequest } from "../../../src/ports/book_catalogue.ts";
import { listPage } from "../schema/book_page.ts";

/** Of `books b`. */
export const bookColumns = "b.id, b.title, b.author, b.published_at, b.description, b.created_at";

/** One that is larger can be no number here, and is no book's. */
const maxId = Number.MAX_SAFE_INTEGER;

/** A book as it stands in the table, with the ISBN that answers do not have. */
export interface BookRow {
  readonly book: Book;
  /** In any form. */
  readonly isbn: string | null;
}

export async function listBooks(
  connection: Connection,
  { after, offset, limit }: PageRequest,
): Promise<BookPage> {
  const rows = await select(
    connection,
    `SELECT ${bookColumns} FROM books b WHERE b.id > ? AND b.id <= ${maxId} ORDER BY b.id LIMIT ? OFFSET ?`,
    [String(after?.id ?? 0), String(limit + 1), String(offset)],
  );
  const found = rows.map(toBook).map((book) => ({ id: book.id, json: JSON.stringify(book) }));
  return listPage(found, limit);
}

export async function getBook(connection: Connection, id: number): Promise<Book | undefined> {
  const [row] = await select(connection, `SELECT ${bookColumns} FROM books b WHERE b.id = ?`, [
    String(id),
  ]);
  return row === undefined ? undefined : toBook(row);
}

/** The next books behind an id. */
export async function booksAfter(
  connection: Connection,
  afterId: number,
  limit: number,
): Promise<readonly BookRow[]> {
  const rows = await select(
    connection,
    `SELECT ${bookColumns}, b.isbn FROM books b WHERE b.id > ? AND b.id <= ${maxId} ORDER BY b.id LIMIT ?`,
    [String(afterId), String(limit)],
  );
  return rows.map(toBookRow);
}

/** The book, kept from changes by others until the transaction ends. */
export async function lockBook(connection: Connection, id: number): Promise<BookRow | undefined> {
  const sql = `SELECT ${bookColumns}, b.isbn FROM books b WHERE b.id = ? FOR UPDATE`;
  const [row] = await select(connection, sql, [String(id)]);
  return row === undefined ? undefined : toBookRow(row);
}

/** Those of some books that are there, by id, kept as by `lockBook`. */
export async function lockBooks(
  connection: Connection,
  ids: readonly number[],
): Promise<readonly BookRow[]> {
  if (ids.length === 0) return [];
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT ${bookColumns}, b.isbn FROM books b WHERE b.id IN (?) AND b.id <= ${maxId} ORDER BY b.id FOR UPDATE`,
    [ids],
  );
  return rows.map(toBookRow);
}

export function toBook(row: RowDataPacket): Book {
  return {
    id: Number(row.id),
    title: String(row.title),
    author: String(row.author),
    published_at: row.published_at === null ? null : String(row.published_at),
    description: String(row.description),
    created_at: String(row.created_at),
  };
}

function toBookRow(row: RowDataPacket): BookRow {
  return { book: toBook(row), isbn: row.isbn === null ? null : String(row.isbn) };
}

/**
 * Numbers go as text: mysql2 would send a number as DOUBLE, which MySQL from 8.0.22 on refuses as a
 * LIMIT.
 */
export async function select(
  connection: Connection,
  sql: string,
  values: readonly (string | Uint8Array)[] = [],
): Promise<readonly RowDataPacket[]> {
  const [rows] = await connection.execute<RowDataPacket[]>(sql, [...values]);
  return rows;
}
