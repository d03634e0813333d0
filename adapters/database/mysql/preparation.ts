/** Getting ready while the server is away, in the background, until it is there. */
import { CatalogueError } from "../../../src/ports/book_catalogue.ts";
import type { Clock } from "../../../src/ports/clock.ts";

/** Gets a database ready that may be away: once, then again in the background until it is. */
export interface Preparation {
  /** Why calls cannot be answered yet; undefined once the database is ready, and from then on. */
  readonly missing: CatalogueError | undefined;
  /** Ends trying; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const firstDelayMs = 250;
const maxDelayMs = 5_000;

/**
 * Resolves after the first attempt, also where the database is away.
 *
 * @throws {CatalogueError} by rejection, `failed`: at the first attempt the database has answered
 *   that something is wrong.
 */
export async function startPreparation(
  prepare: () => Promise<void>,
  clock: Clock,
): Promise<Preparation> {
  let missing: CatalogueError | undefined;
  let stopped = false;
  let wake = (): void => {};

  async function attempt(): Promise<void> {
    try {
      await prepare();
      missing = undefined;
    } catch (error) {
      if (!(error instanceof CatalogueError)) throw error;
      missing = error;
    }
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async function tryOn(): Promise<void> {
    let delayMs = firstDelayMs;
    while (missing !== undefined && !stopped) {
      await pause(delayMs);
      delayMs = Math.min(delayMs * 2, maxDelayMs);
      if (!stopped) await attempt();
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
      stopped = true;
      wake();
      return ended;
    },
  };
}
