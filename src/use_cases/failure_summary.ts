import { getLogger } from "../ports/logger.ts";
import type { Clock } from "../ports/clock.ts";
import { type EventLoop, saturatedMs } from "./event_loop_watch.ts";

const logger = getLogger(["shelfcast", "events"]);

/** Noted for an event that the queue has not answered for in time. It may yet be accepted. */
export const lateReason = "late";

/**
 * Tells operators about events that were not accepted in time: the first at once, then one line an
 * interval.
 */
export interface FailureSummary {
  /** @param reason A code out of few. */
  note(reason: string): void;
  /** Writes what has not been written yet, and cancels the timer. */
  flush(): void;
}

/**
 * @param loop Whose lateness is not the queue's. Default: it is never late.
 * @param intervalMs Default: a minute.
 */
export function createFailureSummary(
  clock: Clock,
  loop?: EventLoop,
  intervalMs = 60_000,
): FailureSummary {
  const counts = new Map<string, number>();
  let cancelTimer: (() => void) | undefined;

  const write = (): void => {
    const properties = { counts: Object.fromEntries(counts) };
    if (counts.size === 1 && counts.has(lateReason)) {
      const lagMs = loop?.lagMs ?? 0;
      if (lagMs < saturatedMs) logger.warn("The queue accepts events late: {counts}", properties);
      else {
        logger.warn("Events are accepted late, as the event loop is {lagMs} ms late: {counts}", {
          ...properties,
          lagMs,
        });
      }
    } else {
      logger.error("The queue refused events: {counts}", properties);
    }
    counts.clear();
  };

  const startInterval = (): void => {
    cancelTimer = clock.after(intervalMs, () => {
      cancelTimer = undefined;
      if (counts.size === 0) {
        logger.info("No event was refused or late for {intervalMs} ms", {
          intervalMs,
        });
        return;
      }
      write();
      startInterval();
    });
  };

  return {
    note(reason) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      if (cancelTimer !== undefined) return;
      write();
      startInterval();
    },
    flush() {
      cancelTimer?.();
      cancelTimer = undefined;
      if (counts.size > 0) write();
    },
  };
}
