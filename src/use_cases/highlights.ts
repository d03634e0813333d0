/**
 * What the page shows beside the books: what is trending, and what a visitor may like. It is an
 * addition: where it does not come in time, or not at all, the page is shown without it.
 */
import type { Interest } from "../domain/interest.ts";
import type { Trend } from "../domain/trend.ts";
import { type Clock, within } from "../ports/clock.ts";
import type { Recommendations } from "./recommendations.ts";
import type { Trends } from "./trends.ts";

export interface Highlights {
  readonly trending: readonly Trend[];
  readonly recommended: readonly Interest[];
}

/** Resolves within 100 ms, never rejects. Nothing is recommended to nobody. */
export type GetHighlights = (visitorId: string | undefined) => Promise<Highlights>;

export interface HighlightsOptions {
  readonly trends: Trends | undefined;
  readonly recommendations: Recommendations | undefined;
  readonly clock: Clock;
}

const deadlineMs = 100;
const most = 6;
/** Trends are everybody's, and change slowly: they are not read again for each page. */
const trendsFreshMs = 1000;

export function createHighlights(
  { trends, recommendations, clock }: HighlightsOptions,
): GetHighlights {
  let known: { readonly at: number; readonly trending: Promise<readonly Trend[]> } | undefined;

  function trending(): Promise<readonly Trend[]> {
    const now = clock.now();
    if (known === undefined || Math.abs(now - known.at) >= trendsFreshMs) {
      known = { at: now, trending: orNone(trends?.top(most)) };
    }
    return known.trending;
  }

  return async (visitorId) => {
    const none: Highlights = { trending: [], recommended: [] };
    if (trends === undefined && recommendations === undefined) return none;
    const recommended = visitorId === undefined ? undefined : recommendations?.of(visitorId, most);
    const read = Promise.all([trending(), orNone(recommended)]);
    const both = read.then(([trending, recommended]) => ({ trending, recommended }));
    return await within(clock, deadlineMs, both, () => none);
  };
}

/** Whoever keeps them tells what is the matter. */
async function orNone<Item>(
  read: Promise<readonly Item[]> | undefined,
): Promise<readonly Item[]> {
  try {
    return await read ?? [];
  } catch {
    return [];
  }
}
