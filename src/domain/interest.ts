/** What one visitor's searches keep finding. */
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
