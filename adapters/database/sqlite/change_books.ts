/**
 * The changes of books that this program makes: rows and index in one transaction, the caller's.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Book, NewBook } from "../../../src/domain/book.ts";
import { searchForm } from "../../../src/domain/search_form.ts";
import type { ChangeRefusal } from "../../../src/ports/book_catalogue.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { comparedAuthor } from "../schema/known_book.ts";
import { fullShelf } from "../schema/full_shelf.ts";
import { checkWellFormed, indexedBook, storedBook } from "../schema/stored_book.ts";
import { bookColumns, toBook } from "./book_row.ts";
import { isBuilding } from "./index_state.ts";
import { putIntoIndex, takeOutOfIndex, withoutNotes } from "./index_books.ts";
import { prepareOnce } from "./prepared.ts";

/**
 * Inserts books and what searches read of them, inside the caller's transaction. Answers their ids.
 */
export function insertBooks(
  database: DatabaseSync,
  books: readonly NewBook[],
  createdAt: string,
): readonly number[] {
  const insert = prepareOnce(
    database,
    "INSERT INTO books (title, author, published_at, description, created_at, isbn) " +
      "VALUES (?, ?, ?, ?, ?, ?)",
  );
  return withoutNotes(database, () =>
    books.map((book) => {
      checkWellFormed(book);
      const { title, author, published_at, description, isbn = null } = book;
      const { lastInsertRowid } = insert.run(
        title,
        author,
        published_at,
        description,
        createdAt,
        isbn,
      );
      const id = Number(lastInsertRowid);
      putIntoIndex(database, id, indexedBook(storedBook(id, book, createdAt), isbn));
      return id;
    }));
}

/** What has been inserted stands only where the shelf has no more books than that. */
export function assertWithin(database: DatabaseSync, maxBooks: number): void {
  // Ids only grow: most shelves need no counting.
  const newest = prepareOnce(database, "SELECT MAX(id) AS id FROM books WHERE id <= ?").get(
    Number.MAX_SAFE_INTEGER,
  );
  if (Number(newest?.id ?? 0) <= maxBooks) return;
  const books = Number(prepareOnce(database, "SELECT COUNT(*) AS n FROM books").get()?.n);
  if (books > maxBooks) throw fullShelf(maxBooks);
}

/** Inserts those that are not there, inside the caller's transaction. Answers how many. */
export function insertMissing(
  database: DatabaseSync,
  books: readonly NewBook[],
  createdAt: string,
): number {
  if (isBuilding(database)) {
    throw new StoreError("unavailable", "Index is still being made, wanted a finished one");
  }
  let added = 0;
  for (const book of books) {
    checkWellFormed(book);
    if (isKnown(database, book)) continue;
    insertBooks(database, [book], createdAt);
    added += 1;
  }
  return added;
}

function isKnown(database: DatabaseSync, book: NewBook): boolean {
  if (book.isbn) {
    const sql = "SELECT 1 FROM shelfcast_forms WHERE isbn = ?";
    if (prepareOnce(database, sql).get(book.isbn) !== undefined) return true;
  }
  const { titleKey } = searchForm(book);
  const sql = "SELECT json, isbn FROM shelfcast_forms WHERE title_key = ?";
  return prepareOnce(database, sql).all(titleKey).some(({ json, isbn }) =>
    (isbn === null || !book.isbn) &&
    comparedAuthor(JSON.parse(String(json))) === comparedAuthor(book)
  );
}

/** Inside the caller's transaction. */
export function updateBook(
  database: DatabaseSync,
  id: number,
  book: NewBook,
  expected: Book | undefined,
): Book | ChangeRefusal {
  const before = expectedBook(database, id, expected);
  if (typeof before === "string") return before;
  checkWellFormed(book);
  const { title, author, published_at, description } = book;
  const isbn = book.isbn === undefined ? before.isbn : book.isbn;
  const after = storedBook(id, book, before.book.created_at);
  withoutNotes(database, () =>
    prepareOnce(
      database,
      "UPDATE books SET title = ?, author = ?, published_at = ?, description = ?, isbn = ? WHERE id = ?",
    ).run(title, author, published_at, description, isbn, id));
  putIntoIndex(database, id, indexedBook(after, isbn));
  return after;
}

/** Inside the caller's transaction. */
export function removeBook(
  database: DatabaseSync,
  id: number,
  expected: Book | undefined,
): "removed" | ChangeRefusal {
  const before = expectedBook(database, id, expected);
  if (typeof before === "string") return before;
  withoutNotes(database, () => prepareOnce(database, "DELETE FROM books WHERE id = ?").run(id));
  takeOutOfIndex(database, id);
  return "removed";
}

function expectedBook(
  database: DatabaseSync,
  id: number,
  expected: Book | undefined,
): { readonly book: Book; readonly isbn: string | null } | ChangeRefusal {
  const row = prepareOnce(database, `SELECT ${bookColumns}, isbn FROM books b WHERE id = ?`).get(
    id,
  );
  if (row === undefined) return "missing";
  const book = toBook(row);
  if (expected !== undefined && JSON.stringify(book) !== JSON.stringify(expected)) return "changed";
  return { book, isbn: row.isbn === null ? null : String(row.isbn) };
}
