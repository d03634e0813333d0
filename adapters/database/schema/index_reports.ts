import { getLogger } from "../../../src/ports/logger.ts";
import type { Clock } from "../../../src/ports/clock.ts";

const logger = getLogger(["shelfcast", "catalogue"]);
const everyMs = 5_000;

/** What doctor says of a database whose triggers it cannot see, or that was restored. */
export const notNoted = "what somebody changes by SQL is not noted: a start compares all books";

const behindEveryMs = 60_000;

export interface IndexReports {
  /** By the ids of books. */
  onBuild(progress: { readonly indexed: number; readonly total: number }): void;
  /** The index cannot be brought up to date for the moment. */
  onBehind(message: string): void;
  /** Nobody has noted what was changed by SQL, so that all books are compared. */
  onUnnoted(): void;
  /** Somebody has emptied the index, which is made anew. */
  onEmptied(): void;
}

/**
 * Tells the operator how far the index of an older shelf is, and when it cannot be kept up to date.
 */
export function indexReports(clock: Clock): IndexReports {
  let startedMs: number | undefined;
  let toldMs = -Infinity;
  let behindMs = -Infinity;
  return {
    onBuild({ indexed, total }) {
      const nowMs = clock.now();
      startedMs ??= nowMs;
      if (indexed >= total) {
        logger.info("Search index is finished: {total} books in {seconds} s", {
          total,
          seconds: Math.round((nowMs - startedMs) / 1000),
        });
      } else if (nowMs - toldMs >= everyMs) {
        toldMs = nowMs;
        logger.info("Search index of an older shelf is being made: {indexed} of {total} books", {
          indexed,
          total,
        });
      }
    },
    onBehind(message) {
      if (clock.now() - behindMs < behindEveryMs) return;
      behindMs = clock.now();
      logger.warn("Search index cannot be brought up to date, trying on: {message}", { message });
    },
    onUnnoted() {
      logger.warn(
        "Books were changed while no triggers noted it (the table was made anew, emptied or restored): " +
          "all are compared with the search index",
      );
    },
    onEmptied() {
      logger.warn(
        "Table shelfcast_grams was emptied, or restored without its rows: the search index is made anew, " +
          "and searches find less until it is finished",
      );
    },
  };
}
