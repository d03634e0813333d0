/** Record → what a read model is made of: decoded, checked against its bounds, and with its key. */
import { bookLimits } from "../domain/book.ts";
import type { Book } from "../domain/book.ts";
import {
  type FoundBooks,
  foundBooks,
  type SearchedEvent,
  searchedEventBounds,
} from "../domain/searched_event.ts";
import { uuidBytes } from "../domain/uuid.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import { canonicalBooks } from "../wire/canonical_books.ts";
import {
  type BooksSearchedRead,
  decodeBooks,
  decodeBooksSearched,
  UnreadableEventError,
} from "../wire/decode_books_searched.ts";

/** Where a record was read. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
}

const encoder = new TextEncoder();

/**
 * The search that a record tells of. @throws {UnreadableEventError} Where it is none, or beyond the
 * bounds: reading it again will not help.
 */
export function searchedEventOf(
  place: RecordPlace,
  record: StoredRecord,
): SearchedEvent | Promise<SearchedEvent> {
  const read = decodeBooksSearched(record, readBooks);
  checkBounds(read);
  const key = consumedKeyOf(place, record, read.id);
  // Who only says that it is somebody changes nothing of what is known of them.
  const visitorId = read.isUnproven === true ? undefined : read.visitorId?.toLowerCase();
  const event = (key: SearchedEvent["key"]): SearchedEvent => ({
    key,
    query: read.normalisedQuery,
    shownQuery: read.query.trim(),
    books: read.books,
    searchedAt: read.searchedAt,
    ...(visitorId !== undefined && { visitorId }),
    ...(read.page !== undefined && { page: read.page }),
  });
  return key instanceof Promise ? key.then(event) : event(key);
}

/**
 * An id that is a UUID is its own key; of any other the hash is. A record without an id is known by
 * its place and time: not by its content, as two strangers may search for the same at once.
 */
function consumedKeyOf(
  { topic, partition }: RecordPlace,
  { offset, timestamp, exactTimestamp }: StoredRecord,
  id: string | undefined,
): SearchedEvent["key"] | Promise<SearchedEvent["key"]> {
  if (id === undefined) {
    return hash(`place ${topic} ${partition} ${offset} ${exactTimestamp ?? timestamp}`);
  }
  return uuidBytes(id) ?? hash(`id ${id}`);
}

async function hash(text: string): Promise<SearchedEvent["key"]> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)), 0, 16).slice();
}

function checkBounds({ normalisedQuery, query, searchedAt }: BooksSearchedRead<unknown>): void {
  if (normalisedQuery === "" || query.trim() === "") throw beyond("Query is blank, wanted a word");
  const { queryMaxBytes } = searchedEventBounds;
  for (const text of [normalisedQuery, query]) {
    // No character takes more than three bytes for each of its units.
    if (text.length * 3 <= queryMaxBytes) continue;
    const { length } = encoder.encode(text);
    if (length > queryMaxBytes) {
      throw beyond(`Query has ${length} bytes, wanted at most ${queryMaxBytes}`);
    }
  }
  if (!(searchedAt >= 0)) throw beyond("Time is before 1970, wanted one since then");
}

/** Books that are written as we write them need not be read. */
const readBooks = (value: Uint8Array | null): FoundBooks =>
  (value === null ? undefined : canonicalBooks(value)) ?? foundBooks(bounded(decodeBooks(value)));

const beyond = (message: string): UnreadableEventError => new UnreadableEventError(message);

/** A book that somebody put into the table by hand may be longer than ours, and is cut. */
function bounded(books: readonly Book[]): readonly Book[] {
  return books.slice(0, searchedEventBounds.booksMax).map((book) =>
    isLong(book) ? cut(book) : book
  );
}

const { titleMax, authorMax, descriptionMax } = bookLimits;

const isLong = ({ title, author, published_at, description, created_at }: Book): boolean =>
  title.length > titleMax || author.length > authorMax || description.length > descriptionMax ||
  created_at.length > titleMax || (published_at ?? "").length > titleMax;

function cut({ id, title, author, published_at, description, created_at }: Book): Book {
  return {
    id,
    title: title.slice(0, titleMax).toWellFormed(),
    author: author.slice(0, authorMax).toWellFormed(),
    published_at: published_at?.slice(0, titleMax).toWellFormed() ?? null,
    description: description.slice(0, descriptionMax).toWellFormed(),
    created_at: created_at.slice(0, titleMax).toWellFormed(),
  };
}
