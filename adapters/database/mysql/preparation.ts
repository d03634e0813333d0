/** Getting ready while the server is away, in the background, until it is there. */
import { StoreError } from "../../../src/ports/store_error.ts";
import { backoffMs, type Clock, pause } from "../../../src/ports/clock.ts";

/** Gets a database ready that may be away: once, then again in the background until it is. */
export interface Preparation {
  /** Why calls cannot be answered yet; undefined once the database is ready, and from then on. */
  readonly missing: StoreError | undefined;
  /** Ends trying; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const betweenAttempts = { firstMs: 250, mostMs: 5_000 };

/**
 * Resolves after the first attempt, also where the database is away.
 *
 * @throws {StoreError} by rejection, `failed`: at the first attempt the database has answered
 *   that something is wrong.
 */
export async function startPreparation(
  prepare: () => Promise<void>,
  clock: Clock,
): Promise<Preparation> {
  let missing: StoreError | undefined;
  const stopping = new AbortController();

  async function attempt(): Promise<void> {
    try {
      await prepare();
      missing = undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      missing = error;
    }
  }

  async function tryOn(): Promise<void> {
    for (let failures = 1; missing !== undefined && !stopping.signal.aborted; failures++) {
      await pause(clock, backoffMs(failures, betweenAttempts), stopping.signal);
      if (!stopping.signal.aborted) await attempt();
    }
  }

  await attempt();
  if (missing?.code === "failed") throw missing;
  const ended = missing === undefined ? Promise.resolve() : tryOn();
  return {
    get missing() {
      return missing;
    },
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
