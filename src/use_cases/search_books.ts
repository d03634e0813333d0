/** The search: a page of books, and its event. */
import { isBlank } from "../domain/blank_text.ts";
import type { Book } from "../domain/book.ts";
import type { TraceContext } from "../domain/book_search.ts";
import { searchLimits } from "../domain/search_limits.ts";
import { normaliseQuery, searchWords } from "../domain/search_text.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { Clock } from "../ports/clock.ts";
import { encodeBooksSearched } from "../wire/encode_books_searched.ts";
import type { Acceptance, EventAcceptor } from "./event_acceptor.ts";

export interface SearchBooksRequest {
  /** As typed; a blank one asks for the shelf. */
  readonly query: string;
  /** How many books to pass over. */
  readonly offset: number;
  /** Whether somebody searched: nobody did where a machine looks ahead or asks for headers only. */
  readonly isEvent: boolean;
  readonly visitorId?: string;
  readonly trace?: TraceContext;
}

export interface SearchBooksResult {
  readonly books: readonly Book[];
  /** Whether there are more books behind these. */
  readonly hasMore: boolean;
  /** Where the next page starts; absent on the last page, and where no search may go further. */
  readonly nextOffset?: number;
  readonly pageSize: number;
  /** Absent where the answer is no event. */
  readonly event?: SearchEvent;
}

export type SearchEvent = Acceptance & { readonly id: string };

/**
 * Answers a search from the catalogue and offers it to the queue as an event. Nothing that the
 * queue does fails it, or delays it by more than the acceptor's time-out.
 *
 * @throws {CatalogueError} by rejection; then there is no event.
 */
export type SearchBooks = (request: SearchBooksRequest) => Promise<SearchBooksResult>;

export interface SearchBooksOptions {
  readonly catalogue: BookCatalogue;
  readonly acceptor: EventAcceptor;
  /** Books a page. */
  readonly pageSize: number;
  readonly clock: Clock;
  /** Gives UUIDs of version 7. */
  readonly newEventId: () => string;
}

export function createSearchBooks(options: SearchBooksOptions): SearchBooks {
  const { catalogue, acceptor, pageSize, clock, newEventId } = options;

  return async ({ query, offset, isEvent, visitorId, trace }) => {
    const page = { offset, limit: pageSize };
    const asksForShelf = isBlank(query);
    const words = searchWords(query);
    const { books, hasMore } = asksForShelf
      ? await catalogue.list(page)
      : await catalogue.search({ ...page, words, phrase: normaliseQuery(query) });

    const nextOffset = offset + pageSize;
    const result: SearchBooksResult = {
      books,
      hasMore,
      pageSize,
      ...(hasMore && nextOffset <= searchLimits.offsetMax && { nextOffset }),
    };
    if (asksForShelf || !isEvent) return result;

    const id = newEventId();
    const acceptance = await acceptor.offer(
      id,
      encodeBooksSearched({
        id,
        query,
        page: Math.floor(offset / pageSize) + 1,
        books,
        searchedAt: clock.now(),
        ...(visitorId !== undefined && { visitorId }),
        ...(trace !== undefined && { trace }),
      }),
    );
    return { ...result, event: { id, ...acceptance } };
  };
}
