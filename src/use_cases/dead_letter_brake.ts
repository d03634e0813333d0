import { type Clock, pause } from "../ports/clock.ts";

/** Poison is rare. What comes in heaps is a fault of the system, and must not empty a backlog into the dead letters. */
export interface DeadLetterBrake {
  /** Resolves when one more dead letter may be written, or when `signal` is aborted. */
  turn(signal: AbortSignal): Promise<void>;
  /** Whether somebody waits. */
  readonly isOn: boolean;
}

/**
 * @param mostPerMinute Default: 100.
 * @param onBraked Called when the first has to wait.
 */
export function createDeadLetterBrake(
  clock: Clock,
  onBraked: () => void,
  mostPerMinute = 100,
): DeadLetterBrake {
  const minuteMs = 60_000;
  let times: number[] = [];
  let waiting = 0;

  return {
    get isOn() {
      return waiting > 0;
    },
    async turn(signal) {
      while (!signal.aborted) {
        const now = clock.now();
        // A clock that was set back must not hold letters for longer than a minute.
        times = times.filter((time) => Math.abs(now - time) < minuteMs);
        const [oldest = now] = times;
        if (times.length < mostPerMinute) {
          times.push(now);
          return;
        }
        if (waiting === 0) onBraked();
        waiting += 1;
        await pause(clock, Math.min(minuteMs, oldest + minuteMs - now), signal);
        waiting -= 1;
      }
    },
  };
}
