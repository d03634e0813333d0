import assert from "node:assert/strict";
import type { Book, NewBook } from "../../src/domain/book.ts";
import { normaliseQuery, searchWords } from "../../src/domain/search_text.ts";
import {
  type BookCatalogue,
  CatalogueError,
  type CatalogueErrorCode,
  type SearchRequest,
} from "../../src/ports/book_catalogue.ts";
import type { OpenCatalogueOptions } from "./book_catalogue_harness.ts";

/** One small named law of the catalogue's port; a failing line tells what broke. */
export interface CatalogueLaw {
  readonly name: string;
  run(open: OpenCatalogue): Promise<void>;
}

/** Opens a catalogue on the law's own place; it is closed after the law. */
export type OpenCatalogue = (options?: OpenCatalogueOptions) => Promise<BookCatalogue>;

/** A book with that title, and nothing that a search for something else could find. */
export function bookOf(title: string, more: Partial<NewBook> = {}): NewBook {
  return { title, author: "-", published_at: null, description: "", ...more };
}

/** Adds books one after the other, so that their ids are in that order. */
export async function shelve(
  catalogue: BookCatalogue,
  books: readonly (string | NewBook)[],
): Promise<readonly Book[]> {
  const added: Book[] = [];
  for (const book of books) {
    added.push(await catalogue.add(typeof book === "string" ? bookOf(book) : book));
  }
  return added;
}

/** What the search use case asks for a query as typed. */
export function requestFor(query: string, offset = 0, limit = 100): SearchRequest {
  return { words: searchWords(query), phrase: normaliseQuery(query), offset, limit };
}

/** The titles that a query finds, in the answer's order. */
export async function titlesFor(
  catalogue: BookCatalogue,
  query: string,
): Promise<readonly string[]> {
  const { books } = await catalogue.search(requestFor(query));
  return books.map((book) => book.title);
}

/** Asserts that a query finds exactly these titles, in that order. */
export async function finds(
  catalogue: BookCatalogue,
  query: string,
  titles: readonly string[],
): Promise<void> {
  assert.deepEqual(await titlesFor(catalogue, query), titles, `for ${JSON.stringify(query)}`);
}

/** Asserts that `promise` rejects with a CatalogueError of that code, and gives the error. */
export async function faultOf(
  code: CatalogueErrorCode,
  promise: Promise<unknown>,
): Promise<CatalogueError> {
  const [outcome] = await Promise.allSettled([promise]);
  assert.ok(outcome?.status === "rejected", `resolved, wanted a "${code}" error`);
  const error: unknown = outcome.reason;
  assert.ok(error instanceof CatalogueError, `rejected with ${error}, wanted a CatalogueError`);
  assert.equal(error.code, code, error.message);
  return error;
}
