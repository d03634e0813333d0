import type { Clock } from "../src/ports/clock.ts";

/** A clock that a test moves by hand. */
export interface FakeClock extends Clock {
  /**
   * Moves time on, calling what falls due on the way, in order; lets promises settle between the
   * calls.
   */
  advance(ms: number): Promise<void>;
  /** How many timers are set: none may be left at the end. */
  readonly timers: number;
}

/** @param startMs Milliseconds since the epoch. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startMs;
  const timers = new Set<{ readonly dueAt: number; readonly task: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  };
  return {
    now: () => now,
    after(delayMs, task) {
      const timer = { dueAt: now + delayMs, task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter((timer) => timer.dueAt <= until)
          .sort((a, b) => a.dueAt - b.dueAt)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.dueAt);
        due.task();
        await settle();
      }
      now = until;
    },
    get timers() {
      return timers.size;
    },
  };
}
