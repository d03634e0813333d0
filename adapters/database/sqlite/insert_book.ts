import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NewBook } from "../../../src/domain/book.ts";
import { foldedColumns } from "../schema/folded_columns.ts";

interface Statements {
  readonly book: StatementSync;
  readonly search: StatementSync;
}

/** Prepared once a connection. */
const prepared = new WeakMap<DatabaseSync, Statements>();

/** Inserts a book and what searches read of it, inside the caller's transaction. Answers its id. */
export function insertBook(database: DatabaseSync, book: NewBook, createdAt: string): number {
  // Before the first change: a text that has no search form is refused.
  const form = foldedColumns(book);
  const statements = statementsOf(database);
  const { lastInsertRowid } = statements.book.run(
    book.title,
    book.author,
    book.published_at,
    book.description,
    createdAt,
  );
  const id = Number(lastInsertRowid);
  statements.search.run(id, form.title, form.text);
  return id;
}

/** What searches read of a book that is there. */
export function insertSearchForm(database: DatabaseSync, id: number, book: NewBook): void {
  const { title, text } = foldedColumns(book);
  statementsOf(database).search.run(id, title, text);
}

function statementsOf(database: DatabaseSync): Statements {
  const known = prepared.get(database);
  if (known !== undefined) return known;
  const statements = {
    book: database.prepare(
      "INSERT INTO books (title, author, published_at, description, created_at) VALUES (?, ?, ?, ?, ?)",
    ),
    search: database.prepare(
      "INSERT INTO book_search (id, title_folded, text_folded) VALUES (?, ?, ?)",
    ),
  };
  prepared.set(database, statements);
  return statements;
}
