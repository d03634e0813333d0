/**
 * Time-outs of one length. They end in the order in which they began, so that one timer of the
 * platform serves them all: a shop begins and ends one a search, and the platform's own cost more
 * than giving the event to the queue.
 */
import type { Clock } from "../ports/clock.ts";

export interface Timeouts {
  /**
   * Calls `onLate` after the length, unless the returned function is called before. Where the clock
   * is set, it may be as much as another length late, or at once; where the thread stood still, a
   * moment later, so that it hears first what was done meanwhile.
   */
  begin(onLate: () => void): () => void;
  /** Lets go of the timer where nothing waits, so that it keeps no process alive. */
  rest(): void;
}

interface Timeout {
  readonly endsAt: number;
  readonly onLate: () => void;
}

/** A timer that comes so much later says that the thread stood still. */
const stoodStillMs = 5;
/** A queue takes some steps to answer, each of which is heard in a turn of its own. */
const hearingMs = 10;

/** @param lengthMs Of each. */
export function createTimeouts(clock: Clock, lengthMs: number): Timeouts {
  /** The first to end first. */
  const waiting = new Set<Timeout>();
  let cancelTimer: (() => void) | undefined;

  /** It stays where its own time-out is over: to begin one anew costs more than to look in vain. */
  function look(): void {
    cancelTimer = undefined;
    const now = clock.now();
    const [first] = waiting;
    // What was done while this thread stood still has not been heard of yet.
    if (first !== undefined && now - first.endsAt > stoodStillMs) {
      cancelTimer = clock.after(hearingMs, end);
    } else {
      end();
    }
  }

  /** Those that are over; comes again for the next. */
  function end(): void {
    cancelTimer = undefined;
    const now = clock.now();
    for (const timeout of waiting) {
      const { endsAt, onLate } = timeout;
      if (endsAt > now) {
        cancelTimer = clock.after(Math.min(endsAt - now, lengthMs), look);
        return;
      }
      waiting.delete(timeout);
      onLate();
    }
  }

  return {
    begin(onLate) {
      const timeout = { endsAt: clock.now() + lengthMs, onLate };
      waiting.add(timeout);
      cancelTimer ??= clock.after(lengthMs, look);
      return () => waiting.delete(timeout);
    },
    rest() {
      if (waiting.size > 0) return;
      cancelTimer?.();
      cancelTimer = undefined;
    },
  };
}
