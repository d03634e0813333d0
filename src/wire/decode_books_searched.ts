/** Record → event. */
import * as v from "valibot";
import type { Book } from "../domain/book.ts";
import type { BooksSearched, TraceContext } from "../domain/book_search.ts";
import { normaliseQuery } from "../domain/search_text.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import { booksSearchedType, headerNames } from "./event_headers.ts";
import { decodeSearchKey } from "./search_key.ts";

/**
 * A search as it was read. Records of services that know key and value only have no id (then topic,
 * partition, offset and timestamp identify them) and no page.
 */
export interface BooksSearchedRead extends Omit<BooksSearched, "id" | "page"> {
  readonly id?: string;
  readonly page?: number;
  /** Equal for searches that ask the same. */
  readonly normalisedQuery: string;
}

/** The record is no search of books, and will not be one when it is read again. */
export class UnreadableEventError extends Error {
  override readonly name = "UnreadableEventError";
}

// Unknown fields pass: whoever writes later versions may add some.
const booksSchema = v.array(v.object({
  id: v.pipe(v.number(), v.safeInteger()),
  title: v.string(),
  author: v.string(),
  published_at: v.nullable(v.string()),
  description: v.string(),
  created_at: v.string(),
}));

/**
 * Reads the record of a search: headers first, and where they are missing, the key. @throws
 * {UnreadableEventError}
 */
export function decodeBooksSearched(
  record: Pick<StoredRecord, "key" | "value" | "headers" | "timestamp">,
): BooksSearchedRead {
  const header = (name: string): string | undefined => {
    const found = record.headers.find(([candidate]) => candidate === name);
    const value = found?.[1] ?? undefined;
    return value && decodeText(`Header "${name}"`, value);
  };

  const type = header(headerNames.type);
  if (type !== undefined && type !== booksSearchedType) {
    throw new UnreadableEventError(
      `Event type is ${JSON.stringify(type.slice(0, 100))}, wanted "${booksSearchedType}"`,
    );
  }
  const searchQuery = header(headerNames.searchQuery);
  const key = record.key === null ? searchQuery : decodeText("Key", record.key);
  if (key === undefined) throw new UnreadableEventError("Key is missing, wanted the query");

  const { query, visitorId } = decodeSearchKey(key, searchQuery);
  const id = header(headerNames.id) || undefined;
  const page = wholeNumber(header(headerNames.searchPage));
  const trace = traceOf(header(headerNames.traceparent), header(headerNames.tracestate));
  return {
    query,
    normalisedQuery: searchQuery ?? normaliseQuery(query),
    books: decodeBooks(record.value),
    searchedAt: time(header(headerNames.time)) ?? record.timestamp,
    ...(id !== undefined && { id }),
    ...(page !== undefined && { page }),
    ...(visitorId !== undefined && { visitorId }),
    ...(header(headerNames.visitorUnproven) === "true" && { isUnproven: true }),
    ...(trace !== undefined && { trace }),
  };
}

function decodeBooks(value: Uint8Array | null): readonly Book[] {
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
  const { success, output, issues } = v.safeParse(booksSchema, json, { abortEarly: true });
  if (success) return output;
  const path = v.getDotPath(issues[0]);
  const what = path === null ? "Value" : `Value at "${path}"`;
  // A received text would be quoted: the kind says enough, and contents stay out of logs.
  const [{ received }] = issues;
  const is = received.startsWith('"') ? "another text" : received;
  throw new UnreadableEventError(`${what} is ${is}, wanted a JSON array of books`);
}

function decodeText(what: string, bytes: Uint8Array): string {
  try {
    // By default a decoder swallows a byte order mark, which may be part of what was typed.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UnreadableEventError(`${what} is not UTF-8, wanted UTF-8`, { cause });
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function time(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function traceOf(traceparent?: string, tracestate?: string): TraceContext | undefined {
  if (traceparent === undefined) return undefined;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}
