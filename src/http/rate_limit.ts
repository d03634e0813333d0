/** How often a client may ask. */
import type { Clock } from "../ports/clock.ts";

export interface RateLimit {
  /** @returns Whether the client may ask once more now. */
  take(client: string): boolean;
}

/** What a page with its pictures asks at once, for a limit that is lower. */
const leastBurst = 20;
/** Of these the oldest is forgotten first: it may ask anew then. */
const mostClients = 10_000;

/** A bucket a client: it holds what may be asked in two seconds, and fills at `rate` a second. */
export function createRateLimit(rate: number, clock: Clock): RateLimit {
  const burst = Math.max(leastBurst, 2 * rate);
  const buckets = new Map<string, { left: number; at: number }>();

  return {
    take(client) {
      const now = clock.now();
      const bucket = buckets.get(client);
      if (bucket === undefined) {
        const [oldest] = buckets.size >= mostClients ? buckets.keys() : [];
        if (oldest !== undefined) buckets.delete(oldest);
        buckets.set(client, { left: burst - 1, at: now });
        return true;
      }
      // A clock that is set back must not empty it.
      const filled = Math.max(0, now - bucket.at) * rate / 1000;
      bucket.left = Math.min(burst, bucket.left + filled);
      bucket.at = now;
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
  };
}
