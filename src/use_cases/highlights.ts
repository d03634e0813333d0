/**
 * What the page shows beside the books: what is trending, and what a visitor may like. It is an
 * addition: where it does not come in time, or not at all, the page is shown without it.
 */
import type { Interest } from "../domain/interest.ts";
import type { Trend } from "../domain/trend.ts";
import type { Clock } from "../ports/clock.ts";
import type { Recommendations } from "./recommendations.ts";
import { createTimeouts } from "./timeouts.ts";
import type { Trends } from "./trends.ts";

export interface Highlights {
  readonly trending: readonly Trend[];
  readonly recommended: readonly Interest[];
}

/** Resolves within some 100 ms, never rejects. Nothing is recommended to nobody. */
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
  // A process does not go on for it: whoever waits for a page keeps it alive.
  const unheld: Clock = {
    now: clock.now,
    after: (delayMs, task) => clock.after(delayMs, task, { keepsAlive: false }),
  };
  const timeouts = createTimeouts(unheld, deadlineMs);
  let known: { readonly at: number; readonly trending: Promise<readonly Trend[]> } | undefined;

  function trending(): Promise<readonly Trend[]> {
    const now = clock.now();
    if (known === undefined || Math.abs(now - known.at) >= trendsFreshMs) {
      known = { at: now, trending: orNone(trends?.top(most)) };
    }
    return known.trending;
  }

  return (visitorId) => {
    if (trends === undefined && recommendations === undefined) return Promise.resolve(none);
    return new Promise((resolve) => {
      const cancelTimeout = timeouts.begin(() => resolve(none));
      const recommended = visitorId === undefined
        ? undefined
        : recommendations?.of(visitorId, most);
      Promise.all([trending(), orNone(recommended)]).then(([trending, recommended]) => {
        cancelTimeout();
        resolve({ trending, recommended });
      });
    });
  };
}

const none: Highlights = { trending: [], recommended: [] };

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
