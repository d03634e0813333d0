import type { Trend } from "../domain/trend.ts";
import type { Clock } from "../ports/clock.ts";
import type { TrendStore } from "../ports/trend_store.ts";

/** What everybody searches for. Rejects with a `StoreError` only. */
export interface Trends {
  /** What was found, by falling score; at most `limit`. */
  top(limit: number): Promise<readonly Trend[]>;
  /** What found nothing: what the shop should stock. */
  misses(limit: number): Promise<readonly Trend[]>;
}

export interface TrendsOptions {
  readonly store: Pick<TrendStore, "top" | "misses">;
  /**
   * A query is shown after so many different events: what one stranger typed is nobody else's
   * affair.
   */
  readonly minSearches: number;
  readonly clock: Clock;
}

export function createTrends({ store, minSearches, clock }: TrendsOptions): Trends {
  const request = (limit: number) => ({ limit, minSearches, nowMs: clock.now() });
  return {
    top: (limit) => store.top(request(limit)),
    misses: (limit) => store.misses(request(limit)),
  };
}
