import type { Interest } from "../domain/interest.ts";
import type { ReadModel } from "./read_model.ts";

export type { Interest };

/**
 * What each visitor's searches keep finding: for each visitor a list of at most `interestsMax`
 * books, those of most weight (of equals, those of smaller id). Events of nobody known, and those
 * that found nothing, change nothing. Title and author are those of the latest event that was
 * applied.
 *
 * Weights and half-life are as in `TrendStore`. `prune` takes away visitors whose last event is
 * longer ago than the store was opened to keep them.
 */
export interface InterestStore extends ReadModel {
  /** By falling score; none for a visitor who is not known, or is forgotten. */
  interestsOf(visitorId: string, request: InterestRequest): Promise<readonly Interest[]>;
  /**
   * Takes away what is known of a visitor, durably, and from then on ignores events of that
   * visitor, also those that come again. What is kept for that is the id alone, for
   * `forgottenDays`.
   *
   * @param visitorId A UUID.
   * @param nowMs The time, milliseconds since the epoch.
   */
  forget(visitorId: string, nowMs: number): Promise<void>;
}

/** How many interests are wanted, and when. */
export interface InterestRequest {
  /** How many at most, from 1 on. */
  readonly limit: number;
  /** The time that scores are of, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Longer than topics keep events. */
export const forgottenDays = 400;
