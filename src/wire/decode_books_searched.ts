/** Record → event. */
import type { Book } from "../domain/book.ts";
import type { BooksSearched, TraceContext } from "../domain/book_search.ts";
import { normaliseQuery } from "../domain/search_text.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import { booksSearchedType, headerNames } from "./event_headers.ts";
import { decodeSearchKey } from "./search_key.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * A search as it was read. Records of services that know key and value only have no id (then topic,
 * partition, offset and timestamp identify them) and no page.
 */
export interface BooksSearchedRead<Books> extends Omit<BooksSearched, "id" | "page" | "books"> {
  readonly id?: string;
  readonly page?: number;
  /** Equal for searches that ask the same. */
  readonly normalisedQuery: string;
  readonly books: Books;
}

/** The record is no search of books, and will not be one when it is read again. */
export class UnreadableEventError extends Error {
  override readonly name = "UnreadableEventError";
}

const isText = (value: unknown): value is string => typeof value === "string";

/**
 * The field of a book that is not what it should be. By hand, as each consumer reads each event: a
 * library's schema took most of its time, a table of fields as long as all the rest of a book.
 * Unknown fields pass: whoever writes later versions may add some.
 */
function wrongField(book: Readonly<Partial<Record<string, unknown>>>): keyof Book | undefined {
  if (!Number.isSafeInteger(book.id)) return "id";
  if (!isText(book.title)) return "title";
  if (!isText(book.author)) return "author";
  if (book.published_at !== null && !isText(book.published_at)) return "published_at";
  if (!isText(book.description)) return "description";
  if (!isText(book.created_at)) return "created_at";
  return undefined;
}

/**
 * Reads the record of a search: headers first, and where they are missing, the key. @throws
 * {UnreadableEventError}
 *
 * @param readBooks `decodeBooks`, or what refuses the same values.
 */
export function decodeBooksSearched<Books>(
  record: Pick<StoredRecord, "key" | "value" | "headers" | "timestamp">,
  readBooks: (value: Uint8Array | null) => Books,
): BooksSearchedRead<Books> {
  const found = firstOfEach(record.headers);
  const type = headerText(found, headerNames.type);
  if (type !== undefined && type !== booksSearchedType) {
    throw new UnreadableEventError(
      `Event type is ${JSON.stringify(type.slice(0, 100))}, wanted "${booksSearchedType}"`,
    );
  }
  const searchQuery = headerText(found, headerNames.searchQuery);
  const key = record.key === null ? searchQuery : decodeText("Key", record.key);
  if (key === undefined) throw new UnreadableEventError("Key is missing, wanted the query");

  const { query, visitorId } = decodeSearchKey(key, searchQuery);
  const id = headerText(found, headerNames.id) || undefined;
  const page = wholeNumber(headerText(found, headerNames.searchPage));
  const trace = traceOf(
    headerText(found, headerNames.traceparent),
    headerText(found, headerNames.tracestate),
  );
  const isUnproven = headerText(found, headerNames.visitorUnproven) === "true";
  return {
    query,
    normalisedQuery: searchQuery ?? normaliseQuery(query),
    books: readBooks(record.value),
    searchedAt: time(headerText(found, headerNames.time)) ?? record.timestamp,
    ...(id !== undefined && { id }),
    ...(page !== undefined && { page }),
    ...(visitorId !== undefined && { visitorId }),
    ...(isUnproven && { isUnproven }),
    ...(trace !== undefined && { trace }),
  };
}

/** Each header that is read, by its name, and where it is noted. */
const wanted: ReadonlyMap<string, number> = new Map(
  Object.values(headerNames).map((name, number) => [name, number]),
);

type FoundHeaders = readonly (Uint8Array | null | undefined)[];

/** In one go: a search has nine headers, and eight of them are asked for. */
function firstOfEach(headers: StoredRecord["headers"]): FoundHeaders {
  const found: (Uint8Array | null | undefined)[] = [];
  for (const [name, value] of headers) {
    const number = wanted.get(name);
    if (number !== undefined && found[number] === undefined) found[number] = value;
  }
  return found;
}

function headerText(found: FoundHeaders, name: string): string | undefined {
  const value = found[wanted.get(name) ?? -1];
  if (value === undefined || value === null) return undefined;
  try {
    return decodeUtf8(value);
  } catch (cause) {
    throw new UnreadableEventError(`Header "${name}" is not UTF-8, wanted UTF-8`, { cause });
  }
}

/** @throws {UnreadableEventError} */
export function decodeBooks(value: Uint8Array | null): readonly Book[] {
  if (value === null) {
    throw new UnreadableEventError("Value is missing, wanted a JSON array of books");
  }
  const text = decodeText("Value", value);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UnreadableEventError("Value is not JSON, wanted a JSON array of books", { cause });
  }
  if (!Array.isArray(json)) throw noBooks("Value", json);
  return json.map(bookOf);
}

function bookOf(value: unknown, index: number): Book {
  if (!isObject(value)) throw noBooks(`Value at "${index}"`, value);
  const wrong = wrongField(value);
  if (wrong !== undefined) throw noBooks(`Value at "${index}.${wrong}"`, value[wrong]);
  const { id, title, author, published_at, description, created_at } = value as Book & typeof value;
  return { id, title, author, published_at, description, created_at };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind says enough, and contents stay out of logs. */
function noBooks(what: string, value: unknown): UnreadableEventError {
  const is = isText(value)
    ? "a text"
    : Array.isArray(value)
    ? "an array"
    : isObject(value)
    ? "an object"
    : String(value);
  return new UnreadableEventError(`${what} is ${is}, wanted a JSON array of books`);
}

function decodeText(what: "Key" | "Value", bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw new UnreadableEventError(`${what} is not UTF-8, wanted UTF-8`, { cause });
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

let lastTime = { text: "", at: Number.NaN };

/** Many searches come within one millisecond. */
function time(text = ""): number | undefined {
  if (text !== lastTime.text) lastTime = { text, at: Date.parse(text) };
  return Number.isNaN(lastTime.at) ? undefined : lastTime.at;
}

function traceOf(traceparent?: string, tracestate?: string): TraceContext | undefined {
  if (traceparent === undefined) return undefined;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}
