import type { Clock } from "../ports/clock.ts";
import type { RecordBatch } from "../ports/event_source.ts";

/**
 * Up to which hour no event comes for the first time any more, so that keys from before it can be
 * forgotten.
 *
 * Partitions are not read at one pace: where one is at its end, another may still be at last week.
 * So the slowest of them decides, also of those that other processes read for the group, and only
 * when each has had the time to give its first batch.
 */
export interface DedupeHorizon {
  /** What was read, in order. */
  read(batch: Pick<RecordBatch, "partition" | "records" | "end">): void;
  /** The partitions that fall to this reader now. */
  assigned(partitions: Iterable<number>): void;
  /** Of partitions of the group that fell to others: when their oldest record to come was made. */
  othersWait(since: ReadonlyMap<number, number>): void;
  /** In hours since the epoch; undefined where that cannot be told yet. */
  readonly hour: number | undefined;
}

const hourMs = 3_600_000;
const settleMs = 60_000;

/** For one pass over the topic, which begins now. */
export function createDedupeHorizon(clock: Clock, dedupeHours: number): DedupeHorizon {
  const beganAt = clock.now();
  /** Partition → the time of what was read last; Infinity where it was the end. */
  const readTo = new Map<number, number>();
  /** Partition → the time of what is to come, where somebody else had it when it was looked. */
  const waiting = new Map<number, number>();
  let mine: ReadonlySet<number> = new Set();

  return {
    read({ partition, records, end }) {
      const last = records.at(-1);
      if (last === undefined) return;
      readTo.set(partition, last.offset + 1n >= end ? Infinity : last.timestamp);
      waiting.delete(partition);
    },
    assigned(partitions) {
      mine = new Set(partitions);
      for (const partition of readTo.keys()) if (!mine.has(partition)) readTo.delete(partition);
    },
    othersWait(since) {
      // One that has fallen to this reader meanwhile is as far as it was until it is read.
      for (const partition of waiting.keys()) if (!mine.has(partition)) waiting.delete(partition);
      for (const [partition, time] of since) waiting.set(partition, time);
    },
    get hour() {
      if (clock.now() - beganAt < settleMs) return undefined;
      const slowest = Math.min(clock.now(), ...readTo.values(), ...waiting.values());
      return Math.floor(slowest / hourMs) - dedupeHours;
    },
  };
}
