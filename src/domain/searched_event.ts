import type { Book } from "./book.ts";

/**
 * That somebody searched, and what was found, as a consumer takes it from a topic: checked against
 * `searchedEventBounds`, whoever wrote it. It is what read models are made of.
 */
export interface SearchedEvent {
  /**
   * What the event is known by, 16 bytes: its id; without one, what its place and time come to, not
   * its content, because two strangers may search for the same in one millisecond.
   */
  readonly key: Uint8Array<ArrayBuffer>;
  /** In the form in which searches that ask the same are equal; not empty. */
  readonly query: string;
  /** As typed, without white space around it. */
  readonly shownQuery: string;
  /** A UUID in lower case; absent where the visitor is not known, or not proven. */
  readonly visitorId?: string;
  /** Of the first page from 1 on; absent where the event does not say. */
  readonly page?: number;
  /** What stood on that page, in the order of the answer. */
  readonly books: FoundBooks;
  /**
   * Milliseconds since the epoch: when the event says that it was, which is the same whenever and
   * wherever it is read. Anything from 0 on.
   */
  readonly searchedAt: number;
}

/**
 * A page's books as texts, as nobody keeps anything else of them: most can be cut out of what was
 * read.
 */
export interface FoundBooks {
  /** JSON of the first of them, at most so many, from 1 on. */
  first(most: number): string;
  /** JSON of all of them, `[[id, title, author], …]`. */
  named(): string;
}

/** Of books that had to be read. */
export const foundBooks = (books: readonly Book[]): FoundBooks => ({
  first: (most) => JSON.stringify(books.slice(0, most)),
  named: () => JSON.stringify(books.map(({ id, title, author }) => [id, title, author])),
});

/** An event with a longer query is none of ours. Books are cut, as `bookLimits` say, too. */
export const searchedEventBounds = {
  /** Of the query in UTF-8; what a reader can type has at most 800. */
  queryMaxBytes: 1024,
  /** Of a page. */
  booksMax: 100,
} as const;
