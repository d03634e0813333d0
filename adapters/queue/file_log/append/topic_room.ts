/** Room for the next batch: retention by size and age, and the reserve of the disk. */
import { getLogger } from "../../../../src/ports/logger.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { createDiskReserve } from "./disk_reserve.ts";
import type { HeldGroups } from "./held_groups.ts";
import { createHeldNotice, type HeldNoticePlans } from "./held_notice.ts";
import { describeHolders, type Holder, measureHolders } from "./holders.ts";
import { type Need, retainSegments, type RetentionPlans } from "./retention.ts";
import type { SegmentTail } from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/**
 * How often there is a look for what has become old, and, at the bound, for groups that have read
 * on.
 */
export const ageLookMs = 60_000;
const fullLookMs = 1000;
/**
 * How far the clock may run ahead of the time that passes, between two looks, before it counts as
 * set forwards.
 */
const toleranceMs = 3_600_000;
/**
 * How much of the time between the last record and the first look counts: more may be a clock that
 * is wrong.
 */
const idleMs = 24 * 3_600_000;

export interface RoomPlans extends RetentionPlans, HeldNoticePlans {
  /** Of the disk, kept free. */
  readonly reserveBytes: number;
  /** Nothing that they have not read is taken away; one without a position has read nothing. */
  readonly requiredGroups: readonly string[];
  /** Milliseconds that pass, whatever is done to the clock. */
  readonly elapsedMs: () => number;
}

/** Whether a topic may grow. */
export interface TopicRoom {
  /** A log was opened. Under the lock. */
  opened(folder: TopicFolder, tail: SegmentTail): Promise<void>;
  /**
   * Makes room for a batch. Under the lock; without a look at the disk most of the time.
   *
   * @throws {QueueError} `full` by rejection: a required group has not read what would have to go,
   *   or the disk is nearly full.
   */
  make(folder: TopicFolder, tail: SegmentTail, batchBytes: number): Promise<void>;
}

interface Look {
  /** Of the segment that is appended to. */
  readonly base: number;
  readonly at: number;
  /** Of the other segments. */
  readonly closedBytes: number;
  /** Whether there was no room although all was taken away that may be. */
  readonly wasPressed: boolean;
  readonly holders: readonly Holder[];
}

export function createTopicRoom(plans: RoomPlans, held: HeldGroups): TopicRoom {
  const { clock, elapsedMs, maxBytes } = plans;
  const reserve = createDiskReserve(plans.reserveBytes, clock);
  const notice = createHeldNotice(plans);
  let seen: Look | undefined;
  let reference: { readonly now: number; readonly elapsed: number } | undefined;
  let aheadMs = 0;

  /** A clock that is set forwards makes nothing older. */
  function steadyNow(tail: SegmentTail): number {
    const [now, elapsed] = [clock.now(), elapsedMs()];
    const passedMs = reference === undefined ? idleMs : elapsed - reference.elapsed;
    const jumpMs = now - (reference?.now ?? tail.time) - passedMs;
    if (jumpMs > toleranceMs) aheadMs += jumpMs;
    reference = { now, elapsed };
    return now - aheadMs;
  }

  const isDue = (
    tail: SegmentTail,
    { neededBytes, missingBytes }: Need,
    now: number,
  ): boolean => {
    if (seen === undefined || seen.base !== tail.header.base) return true;
    const sinceMs = Math.abs(now - seen.at);
    if (sinceMs >= ageLookMs) return true;
    const isPressed = missingBytes > 0 || seen.closedBytes + neededBytes > maxBytes;
    return isPressed && (!seen.wasPressed || sinceMs >= fullLookMs);
  };

  return {
    async opened(folder, tail) {
      await held.secure(folder);
      try {
        const groups = await held.find(folder);
        const others = groups.filter(({ name }) => !plans.requiredGroups.includes(name));
        notice.opened(folder.topic, await measureHolders(folder, tail, others));
      } catch (error) {
        const { topic } = folder;
        logger.error("Groups of topic {topic} cannot be looked at: {error}", { topic, error });
      }
    },
    async make(folder, tail, batchBytes) {
      const needed = tail.bytes + batchBytes;
      const now = clock.now();
      const missingBytes = await reserve.missingBytes(folder, batchBytes);
      const need = { neededBytes: needed, missingBytes };
      if (isDue(tail, need, now)) {
        try {
          await held.secure(folder);
          const retained = await retainSegments(folder, tail, plans, held, steadyNow(tail), need);
          const { closedBytes, holders } = retained;
          const wasPressed = missingBytes > 0 || closedBytes + needed > maxBytes;
          seen = { base: tail.header.base, at: now, closedBytes, wasPressed, holders };
          await notice.looked(folder, holders);
        } catch (error) {
          // What is too much is looked for again; it is no reason to refuse what there is room for.
          logger.error("Old segments of topic {topic} cannot be taken away: {error}", {
            topic: folder.topic,
            error,
          });
        }
      }
      const bytes = (seen?.closedBytes ?? 0) + needed;
      if (missingBytes > 0) {
        throw new QueueError(
          "full",
          `Disk of topic "${folder.topic}" has ${missingBytes} bytes too few, wanted ${plans.reserveBytes} kept free`,
        );
      }
      if (bytes <= maxBytes) return;
      throw fullOf(folder.topic, bytes);
    },
  };

  function fullOf(topic: string, bytes: number): QueueError {
    const message = `Topic "${topic}" would have ${bytes} bytes, wanted at most ${maxBytes}`;
    return new QueueError("full", message + describeHolders(seen?.holders ?? []));
  }
}
