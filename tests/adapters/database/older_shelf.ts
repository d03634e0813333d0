import { DatabaseSync } from "node:sqlite";
import { readMigrations } from "../../../adapters/database/schema/migrations.ts";
import type { NewBook } from "../../../src/domain/book.ts";
import { fold, normaliseQuery } from "../../../src/domain/search_text.ts";

const encoder = new TextEncoder();

/**
 * Makes a SQLite file as the first version of the schema had it: searched by scanning
 * `book_search`.
 */
export function makeOlderShelf(file: string, books: Iterable<NewBook>): void {
  using database = new DatabaseSync(file);
  const [first] = readMigrations("sqlite");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
  database.exec(first?.sql ?? "");
  database.exec(
    "CREATE TABLE shelfcast_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT;" +
      "INSERT INTO shelfcast_migrations VALUES (1, '0001_books.sql', '2026-01-01 00:00:00');" +
      "INSERT INTO starter_shelf VALUES (1, 0, '2026-01-01 00:00:00')",
  );
  const insert = database.prepare(
    "INSERT INTO books (title, author, published_at, description, created_at) VALUES (?, ?, ?, ?, '2026-01-01 00:00:00')",
  );
  const insertForm = database.prepare("INSERT INTO book_search VALUES (?, ?, ?)");
  for (const { title, author, published_at, description } of books) {
    const { lastInsertRowid } = insert.run(title, author, published_at, description);
    const text = [title, author, description].map((each) => encoder.encode(fold(each)));
    const joined = new Uint8Array(text.flatMap((each) => [...each, 0xff]).slice(0, -1));
    insertForm.run(lastInsertRowid, encoder.encode(normaliseQuery(title)), joined);
  }
  database.exec("COMMIT");
}
