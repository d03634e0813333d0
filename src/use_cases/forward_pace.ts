import type { Clock } from "../ports/clock.ts";

/** How much of a backlog is done in one go, and what is left free behind it. */
export interface Stride {
  readonly records: number;
  readonly pauseMs: number;
}

/** One that a search hardly notices that comes meanwhile: about a millisecond of work, and as much for what else waits. */
const beside: Stride = { records: 50, pauseMs: 1 };
/** Nobody waits; timers and rejections get their turn all the same. */
const alone: Stride = { records: Infinity, pauseMs: 0 };
const busyForMs = 1000;

/**
 * Whether something else is going on is seen by the buffer: it grows while it is read. Then searches are answered in this process,
 * and a backlog that is in a hurry would hold each of them up several times, as each needs several turns of the event loop.
 *
 * @returns Called with the end of the buffer as each batch saw it.
 */
export function createForwardPace(clock: Clock): (end: bigint) => Stride {
  let last: bigint | undefined;
  let grewAt = -Infinity;
  return (end) => {
    if (last !== undefined && end > last) grewAt = clock.now();
    last = end;
    return Math.abs(clock.now() - grewAt) < busyForMs ? beside : alone;
  };
}
