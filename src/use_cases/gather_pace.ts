import type { RecordBatch } from "../ports/event_source.ts";

/** How long events gather before the next are read. */
export interface GatherBounds {
  /** Where few come, so that what is searched for is soon counted. */
  readonly leastMs: number;
  /** Where many come: one transaction for many of them costs each a part of it. */
  readonly mostMs: number;
}

/** More than 200 a second gather as long as they may, fewer as short. */
const msPerRecord = 5;

/**
 * Told each batch that was read, and from how many partitions this reader reads, it says how long
 * to wait before the next. While more is there already nothing is waited for: whoever is behind
 * would stay behind.
 */
export function createGatherPace(
  { leastMs, mostMs }: GatherBounds,
): (batch: Pick<RecordBatch, "records" | "end">, partitions: number) => number {
  let gathered = 0;
  return ({ records, end }, partitions) => {
    gathered += records.length;
    if (records.at(-1)!.offset + 1n < end) return 0;
    const ms = Math.min(mostMs, Math.max(leastMs, gathered * msPerRecord));
    gathered = 0;
    // Each partition has its turn in that time.
    return Math.ceil(ms / Math.max(1, partitions));
  };
}
