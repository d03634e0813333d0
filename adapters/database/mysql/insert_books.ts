import type { Connection, ResultSetHeader } from "mysql2/promise";
import type { Book, NewBook } from "../../../src/domain/book.ts";
import { foldedColumns } from "../schema/folded_columns.ts";

/**
 * Inserts books and what searches read of them, inside the caller's transaction; at most some
 * thousand, because a statement takes 65,535 values.
 *
 * @param firstId Their ids go on from it. Without it there must be one book, and the database gives
 *   the id.
 * @returns The first book's id.
 */
export async function insertBooks(
  connection: Connection,
  books: readonly NewBook[],
  createdAt: string,
  firstId?: number,
): Promise<number> {
  const folded = books.map(foldedColumns);
  const [{ insertId }] = await connection.execute<ResultSetHeader>(
    "INSERT INTO books (id, title, author, published_at, description, created_at) VALUES " +
      rowsOf(books.length, 6),
    books.flatMap((book, index) => [
      firstId === undefined ? null : firstId + index,
      book.title,
      book.author,
      book.published_at,
      book.description,
      createdAt,
    ]),
  );
  const first = firstId ?? insertId;
  await connection.execute(
    `INSERT INTO book_search ${searchRows(books.length)}`,
    folded.flatMap(({ title, text }, index) => [first + index, title, text]),
  );
  return first;
}

/**
 * What searches read of books that are there. @param named The table's name, which may not be its
 * own yet.
 */
export async function insertSearchForms(
  connection: Connection,
  books: readonly Book[],
  named: (table: string) => string,
): Promise<void> {
  await connection.execute(
    `INSERT INTO ${named("book_search")} ${searchRows(books.length)}`,
    books.flatMap((book) => {
      const { title, text } = foldedColumns(book);
      return [book.id, title, text];
    }),
  );
}

const searchRows = (books: number): string =>
  `(id, title_folded, text_folded) VALUES ${rowsOf(books, 3)}`;

function rowsOf(rows: number, values: number): string {
  const row = `(${Array(values).fill("?").join(", ")})`;
  return Array(rows).fill(row).join(", ");
}
