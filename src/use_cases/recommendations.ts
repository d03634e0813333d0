import type { Interest } from "../domain/interest.ts";
import type { Clock } from "../ports/clock.ts";
import type { InterestStore } from "../ports/interest_store.ts";

/** What a visitor's searches keep finding. Rejects with a `StoreError` only. */
export interface Recommendations {
  /** By falling score, at most `limit`; none for a visitor who is not known. */
  of(visitorId: string, limit: number): Promise<readonly Interest[]>;
  /** Takes away what is known of a visitor; events of that visitor change nothing any more. */
  forget(visitorId: string): Promise<void>;
}

export interface RecommendationsOptions {
  readonly store: Pick<InterestStore, "interestsOf" | "forget">;
  readonly clock: Clock;
}

export function createRecommendations({ store, clock }: RecommendationsOptions): Recommendations {
  return {
    of: (visitorId, limit) => store.interestsOf(visitorId, { limit, nowMs: clock.now() }),
    forget: (visitorId) => store.forget(visitorId, clock.now()),
  };
}
