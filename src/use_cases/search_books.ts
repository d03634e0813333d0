/** The search: a page of books, and its event. */
import { isBlank } from "../domain/blank_text.ts";
import type { TraceContext } from "../domain/book_search.ts";
import type {
  BookCatalogue,
  BookPage,
  PageRequest,
  SearchPosition,
} from "../ports/book_catalogue.ts";
import type { Clock } from "../ports/clock.ts";
import { encodeBooksSearched } from "../wire/encode_books_searched.ts";
import type { Acceptance, EventAcceptor } from "./event_acceptor.ts";
import { createQueryParser } from "./parsed_queries.ts";

export interface SearchBooksRequest {
  /** As typed; a blank one asks for the shelf. */
  readonly query: string;
  /** How many books to pass over: from the cursor on, or without one from the beginning. */
  readonly offset: number;
  /** Where an earlier page has ended. */
  readonly cursor?: SearchCursor;
  /** Whether somebody searched: nobody did where a machine looks ahead or asks for headers only. */
  readonly isEvent: boolean;
  readonly visitorId?: string;
  /** Whether the visitor's id is only what somebody says of themselves. Default: false. */
  readonly isUnproven?: boolean;
  readonly trace?: TraceContext;
}

/** Where a page begins, and which it is: events count pages. */
export interface SearchCursor extends SearchPosition {
  /** From 2 on. */
  readonly page: number;
}

export interface SearchBooksResult {
  /** The books of the page as a JSON array: what is answered, and what the event has. */
  readonly json: Uint8Array<ArrayBuffer>;
  /** The same as text. */
  readonly text: string;
  /** How many they are. */
  readonly count: number;
  /** The next page; absent on the last one. */
  readonly next?: SearchCursor;
  /**
   * False where the search ended early, so as not to hold up others: there may be more for this
   * page.
   */
  readonly isComplete: boolean;
  /** 1 for the first. */
  readonly page: number;
  readonly pageSize: number;
  /** Absent where the answer is no event. */
  readonly event?: SearchEvent;
}

export type SearchEvent = Acceptance & { readonly id: string };

/**
 * Answers a search from the catalogue and offers it to the queue as an event. Nothing that the
 * queue does fails it, or delays it by more than the acceptor's time-out.
 *
 * @throws {StoreError} by rejection; then there is no event.
 */
export type SearchBooks = (request: SearchBooksRequest) => Promise<SearchBooksResult>;

export interface SearchBooksOptions {
  readonly catalogue: BookCatalogue;
  readonly acceptor: EventAcceptor;
  /** Books a page. */
  readonly pageSize: number;
  /** Of an event's value. Default: no bound. */
  readonly eventBytes?: number | undefined;
  readonly clock: Clock;
  /** Gives UUIDs of version 7. */
  readonly newEventId: () => string;
}

export function createSearchBooks(options: SearchBooksOptions): SearchBooks {
  const { catalogue, acceptor, pageSize, eventBytes, clock, newEventId } = options;
  const parse = createQueryParser();

  function find(query: string, request: PageRequest): Promise<BookPage> {
    if (isBlank(query)) return catalogue.list(request);
    const parsed = parse(query);
    return parsed === undefined
      ? Promise.resolve(nothing)
      : catalogue.search({ ...request, query: parsed });
  }

  return async ({ query, offset, cursor, isEvent, visitorId, isUnproven = false, trace }) => {
    const after = cursor && { place: cursor.place, id: cursor.id };
    const { json, text, count, next, isComplete } = await find(query, {
      ...(after !== undefined && { after }),
      offset,
      limit: pageSize,
    });
    const page = (cursor?.page ?? 1) + Math.floor(offset / pageSize);
    const result: SearchBooksResult = {
      json,
      text,
      count,
      isComplete,
      page,
      pageSize,
      ...(next !== undefined && { next: { ...next, page: page + 1 } }),
    };
    if (!isEvent || isBlank(query)) return result;

    const id = newEventId();
    const acceptance = await acceptor.offer(
      id,
      encodeBooksSearched({
        id,
        query,
        page,
        json,
        count,
        searchedAt: clock.now(),
        ...(visitorId !== undefined && { visitorId, isUnproven }),
        ...(trace !== undefined && { trace }),
      }, eventBytes),
    );
    return { ...result, event: { id, ...acceptance } };
  };
}

/** For a query that no book can be meant by. */
const nothing: BookPage = {
  json: new TextEncoder().encode("[]"),
  text: "[]",
  count: 0,
  isComplete: true,
};
