/**
 * The watch over the health of queues and of the catalogue: what operators are told, and how often.
 */
import { getLogger } from "../ports/logger.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { StoreHealth } from "../ports/store_health.ts";
import type { Clock } from "../ports/clock.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { WatchedQueues } from "./readiness.ts";

const loggers = {
  Queue: getLogger(["shelfcast", "queue"]),
  Catalogue: getLogger(["shelfcast", "catalogue"]),
};
type Kind = keyof typeof loggers;

const lookMs = 1000;
/** So often is a condition told while it lasts. */
const repeatMs = 60_000;

export interface QueueWatchOptions {
  readonly queues: WatchedQueues;
  /** Its name is `catalogue`. Default: none is watched. */
  readonly catalogue?: Pick<BookCatalogue, "health">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface QueueWatch {
  /**
   * Since when a queue has been seen degraded without a break, in ms since 1970; undefined where it
   * was well at the last look.
   */
  degradedSince(name: string): number | undefined;
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
 * changed last. The catalogue is watched in the same way (`shelfcast.catalogue.healthy`).
 */
export function watchQueues(options: QueueWatchOptions): QueueWatch {
  const { queues, catalogue, clock, telemetry } = options;
  const watched = new Map<string, Watched>();
  let cancel: () => void;
  let hasEnded = false;
  let isAsking = false;

  function look(): void {
    for (const [name, queue] of Object.entries(queues)) {
      const health = queue.health();
      if (health !== undefined) note("Queue", name, health);
    }
    if (catalogue !== undefined && !isAsking) void askCatalogue(catalogue);
    cancel = clock.after(lookMs, look);
  }

  /** It takes up to a second; a look that finds it still asked leaves it to that one. */
  async function askCatalogue({ health }: Pick<BookCatalogue, "health">): Promise<void> {
    isAsking = true;
    const found = await health();
    isAsking = false;
    if (!hasEnded) note("Catalogue", "catalogue", found);
  }

  function seenOf(name: string): Watched {
    const seen = watched.get(name) ??
      { isDegraded: undefined, since: 0, toldAt: new Map(), isTold: false };
    watched.set(name, seen);
    return seen;
  }

  function note(kind: Kind, name: string, health: QueueHealth | StoreHealth): void {
    const seen = seenOf(name);
    const logger = loggers[kind];
    const metric = `shelfcast.${kind.toLowerCase()}`;
    const labels: Record<string, string> = kind === "Queue" ? { queue: name } : {};
    const who = kind === "Queue" ? "Queue {queue}" : "Catalogue";
    const now = clock.now();
    const isDegraded = health.status === "degraded";
    if (seen.isDegraded !== isDegraded) {
      const degradedMs = now - seen.since;
      seen.isDegraded = isDegraded;
      seen.since = now;
      telemetry.gauge(`${metric}.healthy`, isDegraded ? 0 : 1, labels);
      telemetry.gauge(`${metric}.health_changed_at_ms`, now, labels);
      if (!isDegraded && seen.isTold) {
        seen.isTold = false;
        const fields = { ...labels, degraded_ms: degradedMs };
        logger.info(`${who} is well again after {degraded_ms} ms`, fields);
      }
    } else if (health.status === "degraded") {
      const { reason, detail } = health;
      const condition = `${reason} ${withoutNumbers(detail)}`;
      const toldAt = seen.toldAt.get(condition);
      if (toldAt !== undefined && Math.abs(now - toldAt) < repeatMs) return;
      seen.toldAt.set(condition, now);
      seen.isTold = true;
      const since = new Date(seen.since).toISOString();
      const fields = { ...labels, reason, detail, since };
      logger.error(`${who} is degraded since {since} ({reason}): {detail}`, fields);
    }
  }

  look();
  return {
    degradedSince(name) {
      const seen = watched.get(name);
      return seen?.isDegraded ? seen.since : undefined;
    },
    end() {
      hasEnded = true;
      cancel();
    },
  };
}

/** Counts and times may change while a condition lasts. */
const withoutNumbers = (detail: string): string => detail.replace(/\d+/g, "#");
