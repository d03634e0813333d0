/** The questions that searches ask of MySQL: books by words, by id, and one book. */
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Book } from "../../../src/domain/book.ts";
import type { PageRequest, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { searchPattern } from "../schema/folded_columns.ts";

const columns = "b.id, b.title, b.author, b.published_at, b.description, b.created_at";

/** At most one book more than `limit`, which tells that there are more. */
export async function searchBooks(
  connection: Connection,
  request: SearchRequest,
): Promise<readonly Book[]> {
  const pattern = searchPattern(request);
  if (pattern === undefined) return [];
  const { words } = pattern;
  const limit = request.limit + 1;
  const end = String(limit + request.offset);
  const from = pattern.from.toHex();
  const bounds = [from, pattern.to.toHex()];
  return await select(connection, searchSql(words.length), [
    from,
    ...bounds,
    ...words,
    end,
    ...bounds,
    ...words,
    end,
    String(limit),
    String(request.offset),
  ]);
}

export function listBooks(
  connection: Connection,
  { offset, limit }: PageRequest,
): Promise<readonly Book[]> {
  return select(connection, `SELECT ${columns} FROM books b ORDER BY b.id LIMIT ? OFFSET ?`, [
    String(limit + 1),
    String(offset),
  ]);
}

/** Books with greater ids than `id`, by id. */
export function listBooksAfter(
  connection: Connection,
  id: number,
  limit: number,
): Promise<readonly Book[]> {
  const sql = `SELECT ${columns} FROM books b WHERE b.id > ? ORDER BY b.id LIMIT ?`;
  return select(connection, sql, [String(id), String(limit)]);
}

export async function getBook(
  connection: Connection,
  id: number,
): Promise<Book | undefined> {
  const [book] = await select(connection, `SELECT ${columns} FROM books b WHERE b.id = ?`, [
    String(id),
  ]);
  return book;
}

/**
 * Two parts, one snapshot: titles that are or begin with the phrase, by the index; then the rest by
 * id, a scan that ends with the last row wanted. Each part is cut at the page's end, so that a word
 * which every book has sorts nothing.
 *
 * The bounds go as hexadecimal text, because MySQL 8 takes a value beside a comparison for text,
 * and the upper one is no UTF-8.
 */
function searchSql(words: number): string {
  const hasWords = Array(words).fill("INSTR(text_folded, ?) > 0").join(" AND ");
  const begins = "title_folded >= UNHEX(?) AND title_folded < UNHEX(?)";
  return `
    SELECT ${columns} FROM (
      SELECT * FROM (
        SELECT id, title_folded <> UNHEX(?) AS place FROM book_search
        WHERE ${begins} AND ${hasWords} ORDER BY place, id LIMIT ?
      ) AS titles
      UNION ALL
      SELECT * FROM (
        SELECT id, 2 AS place FROM book_search
        WHERE NOT (${begins}) AND ${hasWords} ORDER BY id LIMIT ?
      ) AS others
    ) AS found JOIN books b ON b.id = found.id
    ORDER BY found.place, found.id LIMIT ? OFFSET ?`;
}

/**
 * Numbers go as text: mysql2 would send a number as DOUBLE, which MySQL from 8.0.22 on refuses as a
 * LIMIT.
 */
async function select(
  connection: Connection,
  sql: string,
  values: (string | Uint8Array)[],
): Promise<Book[]> {
  const [rows] = await connection.execute<RowDataPacket[]>(sql, values);
  return rows.map((row) => ({
    id: Number(row.id),
    title: String(row.title),
    author: String(row.author),
    published_at: row.published_at === null ? null : String(row.published_at),
    description: String(row.description),
    created_at: String(row.created_at),
  }));
}
