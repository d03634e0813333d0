import type { Clock } from "../ports/clock.ts";
import type { RecordBatch } from "../ports/event_source.ts";

/** How much of a backlog is done in one go, and what is left free behind it. */
export interface Stride {
  readonly records: number;
  readonly pauseMs: number;
  /**
   * How many records may be under way, if it is not for long: reports come for whole requests, and
   * all in one turn.
   */
  readonly underWay: number;
}

/** A millisecond or two of work, and as much again for what else waits. */
const beside: Stride = { records: 50, pauseMs: 4, underWay: 200 };
/** Nobody waits; timers and rejections get their turn all the same. */
const alone: Stride = { records: Infinity, pauseMs: 0, underWay: Infinity };
const busyForMs = 1000;

/**
 * Whether something else is going on is seen by the buffer: it grows while it is read. Then
 * searches are answered in this process, and a backlog that is in a hurry would hold each of them
 * up several times, as each needs several turns of the event loop. But where half of what is read
 * comes in anew, there is no backlog, or it must not grow.
 *
 * @returns Called with each batch that was read, in order.
 */
export function createForwardPace(
  clock: Clock,
): (batch: Pick<RecordBatch, "end" | "records">) => Stride {
  let last: bigint | undefined;
  let grewAt = -Infinity;
  /** What had come in anew and was more than was read. */
  let unread = 0;
  return ({ end, records }) => {
    const growth = last === undefined ? 0 : Number(end - last);
    last = end;
    if (growth > 0) grewAt = clock.now();
    const fresh = unread + growth;
    const isFresh = 2 * fresh >= records.length;
    unread = isFresh ? Math.max(0, fresh - records.length) : 0;
    if (isFresh) return alone;
    return Math.abs(clock.now() - grewAt) < busyForMs ? beside : alone;
  };
}
