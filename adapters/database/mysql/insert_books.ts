import type { Connection, ResultSetHeader } from "mysql2/promise";
import type { NewBook } from "../../../src/domain/book.ts";
import { foldedColumns } from "../schema/folded_columns.ts";

/**
 * Inserts books and what searches read of them, inside the caller's transaction; at most some thousand, because a statement
 * takes 65,535 values.
 *
 * @param firstId Their ids go on from it. Without it there must be one book, and the database gives the id.
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
    `INSERT INTO book_search (id, title_folded, text_folded) VALUES ${rowsOf(books.length, 3)}`,
    folded.flatMap(({ title, text }, index) => [first + index, title, text]),
  );
  return first;
}

function rowsOf(rows: number, values: number): string {
  const row = `(${Array(values).fill("?").join(", ")})`;
  return Array(rows).fill(row).join(", ");
}
