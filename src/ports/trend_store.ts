import type { Trend } from "../domain/trend.ts";
import type { ReadModel } from "./read_model.ts";

export type { Trend };

/**
 * What everybody searches for. Each event counts for its query, in the form in which searches that
 * ask the same are equal: one row a query.
 *
 * How that is done is the domain's (`countSearch`): the latest event says how the query is shown.
 * What it found, and whether it found anything, is said by the latest that is a first page, or says
 * no page: a further page may be empty where a search found a lot.
 *
 * Weights are those of `decaying_weight.ts`, of the half-life that the store was opened with. An
 * event that is dated ahead of the clock counts as of now. A store that is opened with another
 * half-life than before converts its weights, so that all scores of that moment stay what they are.
 *
 * `prune` takes away what scores below `trendScoreMin`, and of what found nothing all but the
 * `missesMax` of most weight.
 */
export interface TrendStore extends ReadModel {
  /** What was found, by falling score. */
  top(request: TrendRequest): Promise<readonly Trend[]>;
  /** What found nothing when it was searched last, by falling score; `books` is empty. */
  misses(request: TrendRequest): Promise<readonly Trend[]>;
}

/** Which queries are wanted. */
export interface TrendRequest {
  /** How many at most, from 1 on. */
  readonly limit: number;
  /** Only queries with so many different events at least. */
  readonly minSearches: number;
  /** The time that scores are of, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Ten half-lives after its only search a query is not worth a row. */
export const trendScoreMin = 2 ** -10;

/** So many queries that found nothing are kept. */
export const missesMax = 10_000;
