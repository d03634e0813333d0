import type { BooksSearched } from "../domain/book_search.ts";
import { normaliseQuery } from "../domain/search_text.ts";
import type { BookPage } from "../ports/book_catalogue.ts";
import type { EventRecord, RecordHeader } from "../ports/event_record.ts";
import { boundedBooks } from "./bounded_books.ts";
import { booksSearchedType, headerNames } from "./event_headers.ts";
import { encodeSearchKey } from "./search_key.ts";
import { encodeUtf8 } from "./utf8.ts";

/**
 * The search with its books as the JSON array that they are answered in: bytes that are made once.
 */
export type EncodedSearch = Omit<BooksSearched, "books"> & Pick<BookPage, "json" | "count">;

/**
 * The record of a search. Its timestamp is the time of the search, whenever a queue comes to take
 * it.
 *
 * @param maxBytes Of its value: where the page has more, texts are shortened, and a header says so.
 */
export function encodeBooksSearched(event: EncodedSearch, maxBytes = Infinity): EventRecord {
  const { id, query, page, count, searchedAt, trace } = event;
  const { json, isShortened } = boundedBooks(event.json, maxBytes);
  const headers: RecordHeader[] = [
    always.contentType,
    always.specVersion,
    header(headerNames.id, id),
    always.type,
    always.source,
    timeHeader(searchedAt),
    header(headerNames.searchQuery, normaliseQuery(query)),
    pageHeaders[page] ?? header(headerNames.searchPage, String(page)),
    countHeaders[count] ?? header(headerNames.resultCount, String(count)),
  ];
  if (isShortened) headers.push(header(headerNames.shortened, "true"));
  if (event.isUnproven === true) headers.push(always.visitorUnproven);
  if (trace !== undefined) {
    headers.push(header(headerNames.traceparent, trace.traceparent));
    if (trace.tracestate !== undefined) {
      headers.push(header(headerNames.tracestate, trace.tracestate));
    }
  }
  return {
    key: encodeSearchKey(event),
    value: json,
    headers,
    timestamp: searchedAt,
  };
}

/** What every event has, or many have, encoded once. */
const always = {
  contentType: header(headerNames.contentType, "application/json"),
  specVersion: header(headerNames.specVersion, "1.0"),
  type: header(headerNames.type, booksSearchedType),
  source: header(headerNames.source, "/shelfcast"),
  visitorUnproven: header(headerNames.visitorUnproven, "true"),
} as const;

function header(name: string, value: string): RecordHeader {
  return [name, encodeUtf8(value)];
}

let lastTime = { at: NaN, header: header(headerNames.time, "") };

/** Many searches come within one millisecond. */
function timeHeader(at: number): RecordHeader {
  if (at !== lastTime.at) {
    lastTime = { at, header: header(headerNames.time, new Date(at).toISOString()) };
  }
  return lastTime.header;
}

/** By their numbers: hardly any is greater. */
const pageHeaders = numberHeaders(headerNames.searchPage);
const countHeaders = numberHeaders(headerNames.resultCount);

function numberHeaders(name: string): readonly RecordHeader[] {
  return Array.from({ length: 101 }, (_, number) => header(name, String(number)));
}
