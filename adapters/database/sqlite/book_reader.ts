/** The questions that searches ask of SQLite. */
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import type { Book } from "../../../src/domain/book.ts";
import type { PageRequest, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { searchPattern } from "../schema/folded_columns.ts";
import { everyTableSql } from "../schema/migrations.ts";

/**
 * Queries over a read-only connection. They run on the caller's thread: each takes a few
 * milliseconds at most.
 */
export interface BookReader {
  /** At most one book more than `limit`, which tells that there are more. */
  search(request: SearchRequest): readonly Book[];
  list(request: PageRequest): readonly Book[];
  get(id: number): Book | undefined;
  /** @throws where a table is missing or the file cannot be read. */
  check(): void;
  /** How many changes it knows of (`wal_lineage.ts`). */
  generation(): number;
  close(): void;
}

// As bytes, because node:sqlite in Deno 2.9 cuts texts at their first NUL.
const columns = ["title", "author", "published_at", "description", "created_at"]
  .map((name) => `CAST(b.${name} AS BLOB) AS ${name}`).join(", ");
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * @param busyTimeoutMs Blocks the thread, so keep it short; in WAL only another process's start or
 *   end can use it.
 */
export function openReader(file: string, busyTimeoutMs: number): BookReader {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
  // Holds what searches read of some 100,000 books.
  database.exec("PRAGMA cache_size = -16384");
  const list = database.prepare(
    `SELECT b.id, ${columns} FROM books b ORDER BY b.id LIMIT ? OFFSET ?`,
  );
  const get = database.prepare(`SELECT b.id, ${columns} FROM books b WHERE b.id = ?`);
  const generation = database.prepare("PRAGMA user_version");
  const everyTable = everyTableSql("sqlite");
  const searches = new Map<number, StatementSync>();

  return {
    search(request) {
      const pattern = searchPattern(request);
      if (pattern === undefined) return [];
      const count = pattern.words.length;
      const statement = searches.get(count) ?? database.prepare(searchSql(count));
      searches.set(count, statement);
      const { limit, offset } = request;
      return statement.all(pattern.from, pattern.to, limit + 1, offset, ...pattern.words).map(
        toBook,
      );
    },
    list: ({ limit, offset }) => list.all(limit + 1, offset).map(toBook),
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : toBook(row);
    },
    check: () => database.exec(everyTable),
    generation: () => Number(generation.get()?.user_version),
    close: () => database.close(),
  };
}

/** All books, by id, one by one. */
export function* readBooks(database: DatabaseSync): Generator<Book> {
  const rows = database.prepare(`SELECT b.id, ${columns} FROM books b ORDER BY b.id`).iterate();
  for (const row of rows) yield toBook(row);
}

/**
 * Two parts, one snapshot: titles that are or begin with the phrase, by the index; then the rest by
 * id, a scan that ends with the last row wanted. Each part is cut at the page's end, so that a word
 * which every book has sorts nothing.
 */
function searchSql(words: number): string {
  const hasWords = Array.from(
    { length: words },
    (_, index) => `instr(text_folded, ?${index + 5}) > 0`,
  )
    .join(" AND ");
  const begins = "title_folded >= ?1 AND title_folded < ?2";
  return `
    SELECT b.id, ${columns} FROM (
      SELECT * FROM (
        SELECT id, title_folded <> ?1 AS place FROM book_search
        WHERE ${begins} AND ${hasWords} ORDER BY place, id LIMIT ?3 + ?4
      )
      UNION ALL
      SELECT * FROM (
        SELECT id, 2 AS place FROM book_search
        WHERE NOT (${begins}) AND ${hasWords} ORDER BY id LIMIT ?3 + ?4
      )
    ) AS found JOIN books b USING (id)
    ORDER BY found.place, found.id LIMIT ?3 OFFSET ?4`;
}

function toBook(row: Record<string, SQLOutputValue>): Book {
  return {
    id: Number(row.id),
    title: text(row.title),
    author: text(row.author),
    published_at: row.published_at === null ? null : text(row.published_at),
    description: text(row.description),
    created_at: text(row.created_at),
  };
}

function text(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}
