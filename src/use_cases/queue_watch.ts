/** The watch over the queues' health: what operators are told, and how often. */
import { getLogger } from "@logtape/logtape";
import type { Clock } from "../ports/clock.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { WatchedQueues } from "./readiness.ts";

const logger = getLogger(["shelfcast", "queue"]);

const lookMs = 1000;
/** So often is a condition told while it lasts. */
const repeatMs = 60_000;

export interface QueueWatchOptions {
  readonly queues: WatchedQueues;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface QueueWatch {
  /**
   * Since when a queue has been seen degraded without a break, in ms since 1970; undefined where it
   * was well at the last look.
   */
  degradedSince(queue: string): number | undefined;
  end(): void;
}

/** What was seen of one queue. */
interface Watched {
  isDegraded: boolean | undefined;
  since: number;
  /**
   * Condition → when it was told last; kept when all is well again, so that a queue that comes and
   * goes does not flood the log.
   */
  readonly toldAt: Map<string, number>;
  isTold: boolean;
}

/**
 * Looks at queues once a second, for operators. One that is degraded twice in a row gets an error
 * line that says what to do, and again once a minute while that lasts; one line tells that it is
 * well again. `shelfcast.queue.healthy` is 1 or 0, `shelfcast.queue.health_changed_at_ms` when it
 * changed last.
 */
export function watchQueues({ queues, clock, telemetry }: QueueWatchOptions): QueueWatch {
  const watched = new Map<string, Watched>();
  let cancel: () => void;

  function look(): void {
    for (const [name, queue] of Object.entries(queues)) {
      let seen = watched.get(name);
      if (seen === undefined) {
        seen = { isDegraded: undefined, since: 0, toldAt: new Map(), isTold: false };
        watched.set(name, seen);
      }
      note(name, seen, queue.health());
    }
    cancel = clock.after(lookMs, look);
  }

  function note(queue: string, seen: Watched, health: QueueHealth): void {
    const now = clock.now();
    const isDegraded = health.status === "degraded";
    if (seen.isDegraded !== isDegraded) {
      const degradedMs = now - seen.since;
      seen.isDegraded = isDegraded;
      seen.since = now;
      telemetry.gauge("shelfcast.queue.healthy", isDegraded ? 0 : 1, { queue });
      telemetry.gauge("shelfcast.queue.health_changed_at_ms", now, { queue });
      if (!isDegraded && seen.isTold) {
        seen.isTold = false;
        const fields = { queue, degraded_ms: degradedMs };
        logger.info("Queue {queue} is well again after {degraded_ms} ms", fields);
      }
    } else if (health.status === "degraded") {
      const { reason, detail } = health;
      const condition = `${reason} ${withoutNumbers(detail)}`;
      const toldAt = seen.toldAt.get(condition);
      if (toldAt !== undefined && Math.abs(now - toldAt) < repeatMs) return;
      seen.toldAt.set(condition, now);
      seen.isTold = true;
      const since = new Date(seen.since).toISOString();
      const fields = { queue, reason, detail, since };
      logger.error("Queue {queue} is degraded since {since} ({reason}): {detail}", fields);
    }
  }

  look();
  return {
    degradedSince(queue) {
      const seen = watched.get(queue);
      return seen?.isDegraded ? seen.since : undefined;
    },
    end: () => cancel(),
  };
}

/** Counts and times may change while a condition lasts. */
const withoutNumbers = (detail: string): string => detail.replace(/\d+/g, "#");
