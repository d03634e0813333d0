/**
 * What the writer does beside its tasks: it makes the index of an older shelf, and follows the
 * books that somebody has changed by SQL. In small transactions, with room for other writers in
 * between.
 */
import type { DatabaseSync } from "node:sqlite";
import type { SharedGrams } from "../schema/gram_shares.ts";
import { isNoted, noteAll } from "./change_triggers.ts";
import { buildIndex, type BuildProgress } from "./index_build.ts";
import { isBuilding, lastId } from "./index_state.ts";
import { indexChanges } from "./index_books.ts";
import { hasChanges } from "./inspect_file.ts";
import { hasIndexPages, setIndexPages } from "./index_pages.ts";
import { isScattered, mergeIndex } from "./index_merge.ts";
import { sampleGrams } from "./sample_grams.ts";
import { countChange, inTransaction } from "./transaction.ts";

export interface Maintenance {
  stop(): void;
}

/** Some ten milliseconds. */
const booksPerStep = 250;
/** How soon a change by SQL is found. */
const lookEveryMs = 1_000;
const restMs = 2;
const catchUpMs = 1_500;

export interface MaintenanceListeners {
  /** @throws where the file must not be changed. */
  beforeChange(): void;
  onChanged(): void;
  onBuild(progress: BuildProgress): void;
  onSampled(shares: SharedGrams): void;
  /** Changes by SQL went without notes; all books are compared. */
  onUnnoted(): void;
  onFault(error: unknown): void;
}

export function startMaintenance(
  database: DatabaseSync,
  listeners: MaintenanceListeners,
): Maintenance {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The shelf's last id then; undefined where its grams are to be sampled anew. */
  let sampledTo: number | undefined;
  let isMerging = false;

  /** Answers whether there is more to do. Without anything to do there is no lock to wait for. */
  function work(): boolean {
    if (hasChanges(database) || isBuilding(database)) {
      listeners.beforeChange();
      const progress = step(database);
      if (progress !== undefined) listeners.onBuild(progress);
      listeners.onChanged();
      if (progress !== undefined) sampledTo = undefined;
      return true;
    }
    if (!isNoted(database)) {
      listeners.beforeChange();
      inTransaction(database, () => {
        countChange(database);
        noteAll(database);
      });
      listeners.onUnnoted();
      return true;
    }
    // What is frequent among some books need not be among twice as many.
    if (sampledTo === undefined || lastId(database) > 2 * Math.max(sampledTo, 1_000)) {
      sampledTo = lastId(database);
      const shares = sampleGrams(database);
      if (shares !== undefined) listeners.onSampled(shares);
      return true;
    }
    if (!hasIndexPages(database)) {
      listeners.beforeChange();
      inTransaction(database, () => {
        countChange(database);
        setIndexPages(database);
      });
      return true;
    }
    if (!isMerging && !isScattered(database)) return false;
    listeners.beforeChange();
    isMerging = inTransaction(database, () => {
      countChange(database);
      return mergeIndex(database, !isMerging);
    });
    listeners.onChanged();
    return isMerging;
  }

  function workOn(): void {
    let more = false;
    try {
      more = work();
    } catch (error) {
      // Another process is writing, or the disk is full: it passes, or whoever adds a book is told.
      listeners.onFault(error);
    }
    timer = setTimeout(workOn, more ? restMs : lookEveryMs);
  }

  timer = setTimeout(workOn, 0);
  return { stop: () => clearTimeout(timer) };
}

/**
 * At a start: what somebody has changed meanwhile, as far as that takes no longer than a start may.
 */
export function catchUp(database: DatabaseSync): void {
  const deadlineMs = performance.now() + catchUpMs;
  while (performance.now() < deadlineMs && hasChanges(database)) step(database);
}

/** Answers how far the index of an older shelf is, where it has become more. */
function step(database: DatabaseSync): BuildProgress | undefined {
  return inTransaction(database, () => {
    countChange(database);
    if (indexChanges(database, booksPerStep) > 0) return undefined;
    return buildIndex(database, booksPerStep);
  });
}
