/**
 * The changes of books that this program makes: rows and index in one transaction, the caller's.
 */
import type { Connection, ResultSetHeader } from "mysql2/promise";
import type { Book, NewBook } from "../../../src/domain/book.ts";
import { searchForm } from "../../../src/domain/search_form.ts";
import type { ChangeRefusal } from "../../../src/ports/book_catalogue.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { comparedAuthor } from "../schema/known_book.ts";
import { fullShelf } from "../schema/full_shelf.ts";
import { checkWellFormed, indexedBook, storedBook } from "../schema/stored_book.ts";
import { type BookRow, lockBook, select } from "./book_queries.ts";
import { isBuilding } from "./index_build.ts";
import { quietTriggers } from "./change_triggers.ts";
import { putIntoIndex, takeOutOfIndex } from "./index_books.ts";

/**
 * Inserts books and what searches read of them; at most some thousand, because a statement has its
 * limits.
 *
 * @param firstId Their ids go on from it. Without it the database gives them.
 * @returns The first book's id.
 */
export async function insertBooks(
  connection: Connection,
  books: readonly NewBook[],
  createdAt: string,
  firstId?: number,
): Promise<number> {
  for (const book of books) checkWellFormed(book);
  await quietTriggers(connection);
  const [{ insertId }] = await connection.query<ResultSetHeader>(
    "INSERT INTO books (id, title, author, published_at, description, created_at, isbn) VALUES ?",
    [books.map((book, index) => [
      firstId === undefined ? null : firstId + index,
      book.title,
      book.author,
      book.published_at,
      book.description,
      createdAt,
      book.isbn ?? null,
    ])],
  );
  const first = firstId ?? insertId;
  // A statement that says how many rows it has is given ids in a row, a step apart.
  const step = firstId !== undefined || books.length === 1 ? 1 : await idStep(connection);
  const indexed = books.map((book, index) => {
    const id = first + index * step;
    return { id, ...indexedBook(storedBook(id, book, createdAt), book.isbn) };
  });
  await putIntoIndex(connection, indexed);
  return first;
}

/** What has been inserted stands only where the shelf has no more books than that. */
export async function assertWithin(connection: Connection, maxBooks: number): Promise<void> {
  // Ids only grow: most shelves need no counting.
  const [newest] = await select(connection, "SELECT MAX(id) AS id FROM books");
  if (Number(newest?.id ?? 0) <= maxBooks) return;
  const [row] = await select(connection, "SELECT COUNT(*) AS n FROM books");
  if (Number(row?.n) > maxBooks) throw fullShelf(maxBooks);
}

async function idStep(connection: Connection): Promise<number> {
  const [row] = await select(connection, "SELECT @@auto_increment_increment AS step");
  return Number(row?.step ?? 1);
}

/** Inserts those that are not there; answers how many. */
export async function insertMissing(
  connection: Connection,
  books: readonly NewBook[],
  createdAt: string,
): Promise<number> {
  if (books.length === 0) return 0;
  if (await isBuilding(connection)) {
    throw new StoreError("unavailable", "Index is still being made, wanted a finished one");
  }
  for (const book of books) checkWellFormed(book);
  const wanted = books.map((book) => ({ book, key: searchForm(book).titleKey }));
  const isbns = books.flatMap(({ isbn }) => isbn ? [isbn] : []);
  const [rows] = await connection.query(
    "SELECT title_key, isbn, json FROM shelfcast_forms WHERE title_key IN (?) OR isbn IN (?)",
    [wanted.map(({ key }) => key), isbns.length > 0 ? isbns : [""]],
  );
  const known: Known[] = (Array.isArray(rows) ? rows : []).map((row) => ({
    key: String(Reflect.get(row, "title_key")),
    isbn: Reflect.get(row, "isbn"),
    author: comparedAuthor(JSON.parse(String(Reflect.get(row, "json")))),
  }));
  const missing: NewBook[] = [];
  for (const { book, key } of wanted) {
    const self = { key, isbn: book.isbn ?? null, author: comparedAuthor(book) };
    if (known.some((other) => isSame(self, other))) continue;
    known.push(self);
    missing.push(book);
  }
  if (missing.length > 0) await insertBooks(connection, missing, createdAt);
  return missing.length;
}

interface Known {
  readonly key: string;
  readonly isbn: string | null;
  readonly author: string;
}

function isSame(one: Known, other: Known): boolean {
  if (one.isbn && other.isbn) return one.isbn === other.isbn;
  return one.key === other.key && one.author === other.author;
}

export async function updateBook(
  connection: Connection,
  id: number,
  book: NewBook,
  expected: Book | undefined,
): Promise<Book | ChangeRefusal> {
  const before = await expectedBook(connection, id, expected);
  if (typeof before === "string") return before;
  checkWellFormed(book);
  await quietTriggers(connection);
  const { title, author, published_at, description } = book;
  const isbn = book.isbn === undefined ? before.isbn : book.isbn;
  const after = storedBook(id, book, before.book.created_at);
  await connection.execute(
    "UPDATE books SET title = ?, author = ?, published_at = ?, description = ?, isbn = ? WHERE id = ?",
    [title, author, published_at, description, isbn, id],
  );
  await takeOutOfIndex(connection, id);
  await putIntoIndex(connection, [{ id, ...indexedBook(after, isbn) }]);
  return after;
}

export async function removeBook(
  connection: Connection,
  id: number,
  expected: Book | undefined,
): Promise<"removed" | ChangeRefusal> {
  const before = await expectedBook(connection, id, expected);
  if (typeof before === "string") return before;
  await quietTriggers(connection);
  await connection.execute("DELETE FROM books WHERE id = ?", [id]);
  await takeOutOfIndex(connection, id);
  return "removed";
}

async function expectedBook(
  connection: Connection,
  id: number,
  expected: Book | undefined,
): Promise<BookRow | ChangeRefusal> {
  const row = await lockBook(connection, id);
  if (row === undefined) return "missing";
  const isOther = expected !== undefined && JSON.stringify(row.book) !== JSON.stringify(expected);
  return isOther ? "changed" : row;
}
