/**
 * The port of the shelf: what searches find, what changes books, and how a catalogue says that it
 * cannot.
 */
import type { Book, NewBook } from "../domain/book.ts";
import type { SearchNeedle, SearchPlace, SearchQuery, SearchTerm } from "../domain/search_query.ts";
import type { StoreHealth } from "./store_health.ts";

export type { Book, NewBook, SearchNeedle, SearchPlace, SearchQuery, SearchTerm };

/**
 * The shelf. Every promise rejects with a `StoreError` and with nothing else.
 *
 * What a search finds is defined in the domain (`search_query.ts`), so that all databases find the
 * same books; how they look for them is their own affair.
 */
export interface BookCatalogue extends AsyncDisposable {
  /**
   * A page of the books for which `placeOf` gives a place, by place, within one by id.
   *
   * No search may hold up the others: one that would look at too many books ends early and says so
   * (`isComplete`); then its page is short, and `next` goes on from there.
   */
  search(request: SearchRequest): Promise<BookPage>;
  /** A page of all books, by id. */
  list(request: PageRequest): Promise<BookPage>;
  /** The book, or undefined where there is none with that id (a whole number from 1 on). */
  get(id: number): Promise<Book | undefined>;
  /**
   * Adds a book, durably. Lengths have been checked by the caller. Rejects `full` where the shelf
   * would have more than `maxBooks`, by which it may be over only where several add at once.
   */
  add(book: NewBook): Promise<Book>;
  /**
   * Adds those of some books that are not there, durably, all or none: a book is known by its ISBN,
   * without one by title and author, as searches compare them. Also the second of two in `books`.
   *
   * @returns How many it added. Rejects `unavailable` where that cannot be told yet, because the
   *   index of an older shelf is still being made, and `full` as `add` does.
   */
  addMissing(books: readonly NewBook[]): Promise<number>;
  /**
   * Puts other contents into a book, durably; its id and time stay. An `isbn` that is not given
   * stays, too, null takes it away.
   *
   * @param expected Only where the book is still this one.
   */
  update(id: number, book: NewBook, expected?: Book): Promise<Book | ChangeRefusal>;
  /**
   * Takes a book away, durably; its id never comes back.
   *
   * @param expected Only where the book is still this one.
   */
  remove(id: number, expected?: Book): Promise<"removed" | ChangeRefusal>;
  /**
   * Whether a query would be answered now, and if not, why; resolves within a second, never
   * rejects.
   */
  health(): Promise<StoreHealth>;
}

/** Why a book was not changed: it is not there, or it is no longer the expected one. */
export type ChangeRefusal = "missing" | "changed";

/** Which part of a sequence of books is wanted. */
export interface PageRequest {
  /** The sequence begins behind this position; absent: at its beginning. */
  readonly after?: SearchPosition;
  /** How many books to pass over from there, from 0 on. */
  readonly offset: number;
  /** How many books to answer at most, from 1 on. */
  readonly limit: number;
}

/** What is searched; see `BookCatalogue.search`. */
export interface SearchRequest extends PageRequest {
  /** What it asks of a book, as the domain has parsed it. */
  readonly query: SearchQuery;
}

/**
 * A place in the order of a search's answer, which stays what it is while books come and go: pages
 * that go on from one neither repeat a book nor hide one. A list of all books has one place, 2.
 */
export interface SearchPosition {
  /** The place of the last book before it. */
  readonly place: SearchPlace;
  /** The id of the last book before it, which need not be there any more. */
  readonly id: number;
}

/** A part of a sequence of books. */
export interface BookPage {
  /**
   * The books in order, as the JSON array that answers and events have; made once, because encoding
   * costs as much as finding.
   */
  readonly json: Uint8Array<ArrayBuffer>;
  /** The same as text: a server sends it for less than bytes. */
  readonly text: string;
  /** How many they are, at most `limit`; none behind the end. */
  readonly count: number;
  /** Where the next page begins; absent at the end. */
  readonly next?: SearchPosition;
  /** False where the search ended early: there may be more that belong on this page. */
  readonly isComplete: boolean;
}

const decoder = new TextDecoder();

/** The books of a page. */
export function booksOf({ json }: Pick<BookPage, "json">): readonly Book[] {
  return JSON.parse(decoder.decode(json));
}
