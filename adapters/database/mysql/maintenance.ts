/**
 * What a shop does beside answering: it makes the index of an older shelf, follows the books that
 * somebody has changed by SQL, and looks which grams are frequent. A few books at a time, because
 * their forms are computed on the thread that answers, and in small transactions, with room for
 * other services in between.
 */
import { getLogger } from "../../../src/ports/logger.ts";
import type { Connection } from "mysql2/promise";
import { StoreError } from "../../../src/ports/store_error.ts";
import { type Clock, pause } from "../../../src/ports/clock.ts";
import type { IndexReports } from "../schema/index_reports.ts";
import {
  endComparison,
  endsAgree,
  noteAllBooks,
  noteDifferences,
  wantedComparison,
} from "./compare_books.ts";
import { beginWithoutGrams, buildIndex, indexChanges } from "./index_build.ts";
import { ensureTriggers } from "./change_triggers.ts";
import { sampleGrams, type ShelfShares } from "./sample_grams.ts";

const logger = getLogger(["shelfcast", "catalogue"]);

export interface Maintenance {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export interface MaintenanceOptions {
  /** Runs on a connection of its own; rejects while the database is away. */
  readonly run: <Result>(task: (connection: Connection) => Promise<Result>) => Promise<Result>;
  readonly clock: Clock;
  readonly reports: IndexReports;
  readonly onSampled: (shares: ShelfShares) => void;
}

/** Some five milliseconds of the thread. */
const booksPerStep = 50;
/** Read and compared, not written. */
const booksPerComparison = 200;
/** How soon a change by SQL is found. */
const lookEveryMs = 1_000;
const restMs = 5;
/** A large shelf changes slowly, a small one may be filled at any time. */
const sampleEveryMs = 3_600_000;
const sampleSmallEveryMs = 60_000;
const smallShelf = 20_000;

export function startMaintenance(
  { run, clock, reports, onSampled }: MaintenanceOptions,
): Maintenance {
  const stopping = new AbortController();
  /** Triggers may be dropped with their table: they are looked for again and again. */
  let mayMakeTriggers = true;
  let mayLackGrams = true;
  let comparison: { readonly note: string; throughId: number } | undefined;
  let sample = sampleGrams();
  let nextSampleMs = clock.now();

  async function checkTriggers(): Promise<void> {
    const state = await run((connection) => ensureTriggers(connection, noteAllBooks));
    if (state === "there") return;
    if (state === "made") return reports.onUnnoted();
    mayMakeTriggers = false;
    logger.warn(
      "Database lets this user make no triggers, so that books changed by SQL are found at the next start only: " +
        "{message}; wanted the privilege TRIGGER, and with a binary log log_bin_trust_function_creators = 1",
      { message: state.refused },
    );
  }

  /** Answers whether there is more to do. */
  async function step(): Promise<boolean> {
    if (await run((connection) => indexChanges(connection, booksPerStep)) > 0) return true;
    const progress = await run((connection) => buildIndex(connection, booksPerStep));
    if (progress !== undefined) {
      reports.onBuild(progress);
      return true;
    }
    if (mayMakeTriggers) await checkTriggers();
    if (await compare()) return true;
    if (mayLackGrams && await run(beginWithoutGrams)) {
      // Once: a shelf of very short texts may have none.
      mayLackGrams = false;
      reports.onEmptied();
      return true;
    }
    if (!await run(endsAgree)) {
      await run(noteAllBooks);
      reports.onUnnoted();
      return true;
    }
    return await takeSample();
  }

  /** Goes on with the sample, where one is due. */
  async function takeSample(): Promise<boolean> {
    if (clock.now() < nextSampleMs) return false;
    const shares = await run((connection) => sample.step(connection, booksPerStep));
    if (shares === undefined) return true;
    sample = sampleGrams();
    nextSampleMs = clock.now() +
      (shares.books < smallShelf ? sampleSmallEveryMs : sampleEveryMs);
    onSampled(shares);
    return false;
  }

  /** Goes on to compare all books, where that is wanted. */
  async function compare(): Promise<boolean> {
    if (comparison === undefined) {
      const note = await run(wantedComparison);
      if (note === undefined) return false;
      comparison = { note, throughId: 0 };
    }
    const { note, throughId } = comparison;
    const last = await run((connection) =>
      noteDifferences(connection, throughId, booksPerComparison)
    );
    comparison = last === undefined ? undefined : { note, throughId: last };
    if (last === undefined) await run((connection) => endComparison(connection, note));
    return true;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      let more = false;
      try {
        more = await step();
      } catch (error) {
        // From the beginning: what was compared may be another server's.
        comparison = undefined;
        sample = sampleGrams();
        if (!(error instanceof StoreError)) throw error;
        // While the database is away, others tell it.
        if (error.code === "failed" && !stopping.signal.aborted) reports.onBehind(error.message);
      }
      await pause(clock, more ? restMs : lookEveryMs, stopping.signal);
    }
  }

  const working = work();
  return {
    stop() {
      stopping.abort();
      return working;
    },
  };
}
