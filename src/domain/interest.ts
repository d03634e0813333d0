/** What one visitor's searches keep finding, and how a search changes it. */
import { addWeights, scoreAt, weightAt } from "./decaying_weight.ts";

/** A book that a visitor's searches find. */
export interface Interest {
  /** As the event has it. */
  readonly bookId: number;
  /** As the event has it. */
  readonly title: string;
  /** As the event has it. */
  readonly author: string;
  /**
   * Each search adds 1 for the book that stood first in its answer, less for those behind it
   * (`interestShare`), and counts half after a half-life.
   */
  readonly score: number;
}

/** So many books are kept for each visitor: those of most weight. */
export const interestsMax = 40;

/** What a search adds for the book at `index` of its answer, from 0 on: 1, 0.63, 0.5, 0.43 … */
export const interestShare = (index: number): number => 1 / Math.log2(index + 2);

/** What is kept of a book that a visitor's searches find. */
export type WeightedBook = readonly [id: number, title: string, author: string, weight: number];

/** What a visitor's search found, and when. */
export interface InterestingSearch {
  /** In the order of the answer. */
  readonly books: readonly {
    readonly id: number;
    readonly title: string;
    readonly author: string;
  }[];
  /** Milliseconds since the epoch. */
  readonly searchedAt: number;
}

/** Time, as stores know it. */
export interface DecayTime {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** After so long a search counts half. */
  readonly halfLifeMs: number;
}

/**
 * The books behind one more search, by falling weight. An event that is dated ahead of the clock
 * counts as of now.
 */
export function addInterests(
  known: readonly WeightedBook[],
  { books, searchedAt }: InterestingSearch,
  { nowMs, halfLifeMs }: DecayTime,
): readonly WeightedBook[] {
  const at = Math.min(searchedAt, nowMs);
  const byId = new Map(known.map((book) => [book[0], book]));
  for (const [index, { id, title, author }] of books.entries()) {
    const added = weightAt(at, halfLifeMs, interestShare(index));
    const before = byId.get(id)?.[3];
    byId.set(id, [id, title, author, before === undefined ? added : addWeights(before, added)]);
  }
  return [...byId.values()]
    .sort(([idA, , , a], [idB, , , b]) => b - a || idA - idB)
    .slice(0, interestsMax);
}

/** The first of them, as they score now. */
export function interestsIn(
  books: readonly WeightedBook[],
  limit: number,
  { nowMs, halfLifeMs }: DecayTime,
): readonly Interest[] {
  return books.slice(0, limit).map(([bookId, title, author, weight]) => ({
    bookId,
    title,
    author,
    score: scoreAt(weight, nowMs, halfLifeMs),
  }));
}
