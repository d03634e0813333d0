import type { Book } from "./book.ts";

/** What is searched for, by everybody together. */
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
