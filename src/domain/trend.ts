/** What is searched for by everybody together, and how a search changes it. */
import type { Book } from "./book.ts";
import { addWeights, weightAt } from "./decaying_weight.ts";
import type { SearchedEvent } from "./searched_event.ts";

/** A query that is searched for. */
export interface Trend {
  /** As it was typed last. */
  readonly query: string;
  /** The first that it found last, at most `trendBooksMax`; none where it found nothing. */
  readonly books: readonly Book[];
  /** Its searches, each counted half after a half-life. */
  readonly score: number;
  /** How many different events there were: exact, and does not decay. */
  readonly searches: number;
  /** When the last of them was, milliseconds since the epoch. */
  readonly lastSearchedAt: number;
}

/** So many books are kept for each query. */
export const trendBooksMax = 5;

/** What is kept of a query. */
export interface TrendRow {
  /** As typed by the latest event, of equals the greater text. */
  readonly shown: string;
  /** By `decaying_weight.ts`. */
  readonly weight: number;
  /** Different events. */
  readonly searches: number;
  /** Of the latest event, milliseconds since the epoch. */
  readonly searchedAt: number;
  /** What the latest first page held, at most `trendBooksMax`. */
  readonly books: readonly Book[];
  /** When that was; -1 where only further pages have come yet. */
  readonly answeredAt: number;
}

/** Time, as stores know it. */
export interface DecayTime {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** After so long a search counts half. */
  readonly halfLifeMs: number;
}

/**
 * The row behind one more search, in whatever order they come. An event that is dated ahead of the
 * clock counts as of now.
 */
export function countSearch(
  row: TrendRow | undefined,
  event: SearchedEvent,
  { nowMs, halfLifeMs }: DecayTime,
): TrendRow {
  const { shownQuery, page = 1, searchedAt } = event;
  const at = Math.min(searchedAt, nowMs);
  const books = event.books.slice(0, trendBooksMax);
  const weight = weightAt(at, halfLifeMs);
  if (row === undefined) {
    const answer = page === 1 ? { books, answeredAt: at } : { books: [], answeredAt: -1 };
    return { shown: shownQuery, weight, searches: 1, searchedAt: at, ...answer };
  }
  const isLatest = at > row.searchedAt || (at === row.searchedAt && shownQuery > row.shown);
  const answers = page === 1 && (at > row.answeredAt || (at === row.answeredAt && isLatest));
  return {
    shown: isLatest ? shownQuery : row.shown,
    weight: addWeights(row.weight, weight),
    searches: row.searches + 1,
    searchedAt: Math.max(at, row.searchedAt),
    books: answers ? books : row.books,
    answeredAt: answers ? at : row.answeredAt,
  };
}

/** Whether the query has found something, as far as that is known: else it is a miss. */
export const hasFound = ({ books, answeredAt }: TrendRow): boolean =>
  books.length > 0 || answeredAt < 0;
