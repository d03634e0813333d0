import type { BooksSearched } from "../domain/book_search.ts";
import { normaliseQuery } from "../domain/search_text.ts";
import type { EventRecord, RecordHeader } from "../ports/event_record.ts";
import { booksSearchedType, headerNames } from "./event_headers.ts";
import { encodeSearchKey } from "./search_key.ts";

const encoder = new TextEncoder();

/**
 * The record of a search. Its timestamp is the time of the search, whenever a queue comes to take
 * it.
 */
export function encodeBooksSearched(event: BooksSearched): EventRecord {
  const { id, query, page, books, searchedAt, trace } = event;
  const headers: RecordHeader[] = [
    header(headerNames.contentType, "application/json"),
    header(headerNames.specVersion, "1.0"),
    header(headerNames.id, id),
    header(headerNames.type, booksSearchedType),
    header(headerNames.source, "/shelfcast"),
    header(headerNames.time, new Date(searchedAt).toISOString()),
    header(headerNames.searchQuery, normaliseQuery(query)),
    header(headerNames.searchPage, String(page)),
    header(headerNames.resultCount, String(books.length)),
  ];
  if (trace !== undefined) {
    headers.push(header(headerNames.traceparent, trace.traceparent));
    if (trace.tracestate !== undefined) {
      headers.push(header(headerNames.tracestate, trace.tracestate));
    }
  }
  return {
    key: encodeSearchKey(event),
    value: encoder.encode(JSON.stringify(books)),
    headers,
    timestamp: searchedAt,
  };
}

function header(name: string, value: string): RecordHeader {
  return [name, encoder.encode(value)];
}
