/** Whether this process has more work than one core does, so that nobody else is blamed for it. */
import { getLogger } from "../ports/logger.ts";
import type { Clock } from "../ports/clock.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";

const logger = getLogger(["shelfcast", "process"]);

/** How late timers are: everything that a request waits for comes that much later. */
export interface EventLoop {
  /** The most of the last seconds, in ms. */
  readonly lagMs: number;
}

export interface EventLoopWatch extends EventLoop {
  end(): void;
}

const lookMs = 50;
/** The lag of one period is known in the next. */
const periodMs = 2000;
const repeatMs = 60_000;
/** A queue's time-out is of this order: below it, the loop is not what makes events late. */
export const saturatedMs = 50;

/** `shelfcast.event_loop.lag_ms` is the most of the last two seconds. */
export function watchEventLoop(
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
): EventLoopWatch {
  let [worst, previous, periodEndsAt, toldAt] = [0, 0, clock.now() + periodMs, -Infinity];
  let cancel: () => void;

  function look(): void {
    const dueAt = clock.now() + lookMs;
    cancel = clock.after(lookMs, () => {
      const now = clock.now();
      worst = Math.max(worst, now - dueAt);
      if (now >= periodEndsAt) endPeriod(now);
      look();
    });
  }

  function endPeriod(now: number): void {
    telemetry.gauge("shelfcast.event_loop.lag_ms", worst);
    if (worst >= saturatedMs && previous >= saturatedMs && now - toldAt >= repeatMs) {
      toldAt = now;
      logger.warn("The event loop is saturated, and was {lagMs} ms late: {detail}", {
        lagMs: worst,
        detail: "the process has more work than one core does; more processes would share it",
      });
    }
    [previous, worst, periodEndsAt] = [worst, 0, now + periodMs];
  }

  look();
  return {
    get lagMs() {
      return Math.max(worst, previous);
    },
    end: () => cancel(),
  };
}

/** A queue's own time-outs are of this order: a loop that is less late is not what makes them. */
export const queueTimeoutMs = 1000;

/**
 * A time-out of a queue whose answers wait for our own event loop is said to be ours; where the
 * loop is not late enough for that, its lateness is told behind the queue's own words.
 *
 * @param lengthMs Of the time-out.
 */
export function blamed(
  health: QueueHealth,
  loop: EventLoop | undefined,
  lengthMs: number,
): QueueHealth {
  if (health.status === "ok" || health.reason !== "timeout") return health;
  if (loop === undefined || loop.lagMs < saturatedMs) return health;
  const late = `The event loop is saturated, and was ${loop.lagMs} ms late`;
  const detail = loop.lagMs >= lengthMs
    ? `${late}: answers of the queue are not looked at in time, however fast it is (${health.detail})`
    : `${health.detail}. ${late}, which does not explain it`;
  return { ...health, detail };
}
