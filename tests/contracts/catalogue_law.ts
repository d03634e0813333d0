/** What the laws of the catalogue have in common: how they ask, and what they assert. */
import assert from "node:assert/strict";
import type { Book, NewBook } from "../../src/domain/book.ts";
import { parseSearchQuery } from "../../src/domain/search_query.ts";
import { type BookCatalogue, booksOf, type SearchRequest } from "../../src/ports/book_catalogue.ts";
import { StoreError, type StoreErrorCode } from "../../src/ports/store_error.ts";
import type { CataloguePlace, OpenCatalogueOptions } from "./book_catalogue_harness.ts";

/** One small named law of the catalogue's port; a failing line tells what broke. */
export interface CatalogueLaw {
  readonly name: string;
  run(open: OpenCatalogue, execute: CataloguePlace["execute"]): Promise<void>;
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
  const parsed = parseSearchQuery(query);
  assert.ok(parsed !== undefined, `${JSON.stringify(query)} means nothing`);
  return { query: parsed, offset, limit };
}

/** The books that a query finds, in the answer's order. */
export async function booksFor(
  catalogue: BookCatalogue,
  query: string,
  limit = 100,
): Promise<readonly Book[]> {
  return booksOf(await catalogue.search(requestFor(query, 0, limit)));
}

/** So many books of the shelf, by id. */
export async function shelfOf(
  catalogue: BookCatalogue,
  limit: number,
  offset = 0,
): Promise<readonly Book[]> {
  return booksOf(await catalogue.list({ offset, limit }));
}

/** The titles that a query finds, in the answer's order. */
export async function titlesFor(
  catalogue: BookCatalogue,
  query: string,
): Promise<readonly string[]> {
  return (await booksFor(catalogue, query)).map((book) => book.title);
}

/** Asserts that a query finds exactly these titles, in that order. */
export async function finds(
  catalogue: BookCatalogue,
  query: string,
  titles: readonly string[],
): Promise<void> {
  assert.deepEqual(await titlesFor(catalogue, query), titles, `for ${JSON.stringify(query)}`);
}

const eventuallyMs = 20_000;

/** Asserts that a query comes to find exactly these titles, in that order. */
export async function comesToFind(
  catalogue: BookCatalogue,
  query: string,
  titles: readonly string[],
): Promise<void> {
  const wanted = JSON.stringify(titles);
  await comesTrue(async () => JSON.stringify(await titlesFor(catalogue, query)) === wanted);
  await finds(catalogue, query, titles);
}

/** Waits until something is true, for as long as that may take at most. */
export async function comesTrue(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + eventuallyMs;
  while (!await isTrue() && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asserts that `promise` rejects with a StoreError of that code, and gives the error. */
export async function faultOf(
  code: StoreErrorCode,
  promise: Promise<unknown>,
): Promise<StoreError> {
  const [outcome] = await Promise.allSettled([promise]);
  assert.ok(outcome?.status === "rejected", `resolved, wanted a "${code}" error`);
  const error: unknown = outcome.reason;
  assert.ok(error instanceof StoreError, `rejected with ${error}, wanted a StoreError`);
  assert.equal(error.code, code, error.message);
  return error;
}
