/**
 * The end of a log in hand: the topic's folder open, its lock held, and known where the next batch
 * goes.
 */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { diskRefusal } from "../disk/disk_error.ts";
import { createWriteLock, type WriteLock } from "../disk/write_lock.ts";
import { isInPlace, type TopicFolder } from "../segments/topic_folder.ts";
import { catchUp, recoverTail } from "./recovery.ts";
import type { SegmentPlans, SegmentTail } from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/**
 * How often a fault that stands is looked at again, and how often the folder is looked for at its
 * path.
 */
const retryMs = 1000;
const inPlaceMs = 100;

/** One thing at a time: who takes it awaits what it does with it. */
export interface LogEnd {
  /**
   * With the lock in hand, and the end found anew where others may have moved it.
   *
   * @throws {QueueError} by rejection, without the lock; `unavailable` when `budgetMs` have passed.
   */
  take(budgetMs: number): Promise<{ readonly folder: TopicFolder; readonly tail: SegmentTail }>;
  /** What an append has left; undefined: all is opened and found anew the next time. */
  moveTo(tail: SegmentTail | undefined): void;
  /** Gives the lock back soon, or at once where others wait. */
  done(): void;
  /** Gives the lock back now. */
  release(): void;
  /**
   * Gives the space back that was laid out ahead, so that the next to open the segment need not
   * look through it.
   */
  trim(): Promise<void>;
  /** Closes all files; they are opened anew where it is taken again. */
  giveUp(): void;
}

/**
 * @param openFolder Opens the topic's folder, anew after it was removed; rejects with a
 *   `QueueError`.
 */
export function createLogEnd(
  topic: string,
  openFolder: () => Promise<TopicFolder>,
  plans: SegmentPlans & { readonly telemetry: Telemetry },
): LogEnd {
  const { clock, telemetry } = plans;
  let open: { readonly folder: TopicFolder; readonly lock: WriteLock } | undefined;
  let tail: SegmentTail | undefined;
  let fault: { readonly error: QueueError; readonly at: number } | undefined;
  let seenInPlaceAt = 0;

  async function take(budgetMs: number) {
    if (fault !== undefined && Math.abs(clock.now() - fault.at) < retryMs) throw fault.error;
    fault = undefined;
    let isLockHeld = false;
    try {
      if (open !== undefined && Math.abs(clock.now() - seenInPlaceAt) >= inPlaceMs) {
        seenInPlaceAt = clock.now();
        if (!await isInPlace(open.folder)) giveUp();
      }
      open ??= await enter();
      const { folder, lock } = open;
      const since = await lock.take(budgetMs);
      isLockHeld = true;
      if (tail !== undefined && since === "taken" && !await catchUp(folder, tail, telemetry)) {
        forgetTail();
      }
      tail ??= await recoverTail(folder, plans, telemetry);
      return { folder, tail };
    } catch (error) {
      const refused = diskRefusal(error, `append to topic "${topic}"`);
      // Another's lock is no fault, and a missing topic may be made any time.
      if (isLockHeld) {
        fault = { error: refused, at: clock.now() };
        giveUp();
      }
      throw refused;
    }
  }

  async function enter() {
    const folder = await openFolder();
    return { folder, lock: createWriteLock(folder.lock, folder.turn, clock) };
  }

  function forgetTail(): void {
    tail?.file.close();
    tail = undefined;
  }

  function giveUp(): void {
    forgetTail();
    open?.lock.release();
    open?.folder[Symbol.dispose]();
    open = undefined;
  }

  return {
    take,
    moveTo(left) {
      tail = left;
      if (left === undefined) giveUp();
    },
    done: () => open?.lock.done(),
    release: () => open?.lock.release(),
    async trim() {
      if (tail === undefined) return;
      try {
        const { tail: last } = await take(0);
        await last.file.truncate(last.bytes);
      } catch (error) {
        logger.debug("Segment of topic {topic} is left as it is: {error}", { topic, error });
      }
    },
    giveUp,
  };
}
