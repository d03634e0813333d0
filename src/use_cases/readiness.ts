/** Whether the service is ready, and how its catalogue and queues are. */
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { StoreHealth } from "../ports/store_health.ts";
import type { QueueHealth } from "../ports/queue_health.ts";

/**
 * `ok`; `degraded`: searches are answered, but a queue does not take events; `unavailable`: the
 * catalogue is away, or the service is shutting down. Only the catalogue decides between the last
 * and the others: a queue never takes replicas out.
 */
export type ReadinessStatus = "ok" | "degraded" | "unavailable";

/** What `check` found. */
export interface ReadinessReport {
  readonly status: ReadinessStatus;
  /** Of the program that answers. */
  readonly version: string;
  /** Absent while the service is shutting down. */
  readonly catalogue?: StoreHealth & { readonly since?: string };
  /**
   * By name; what is the matter with a queue, and since when (RFC 3339), is told whatever the
   * status.
   */
  readonly queues: Readonly<Record<string, QueueHealth & { readonly since?: string }>>;
}

export interface Readiness {
  /** Resolves within a second, never rejects; never waits for a queue. */
  check(): Promise<ReadinessReport>;
  /** From now on `unavailable`: the first step of a shutdown. */
  turnOff(): void;
}

/** What can be asked how it is: a queue, or what stands before one. */
export interface WatchedQueue {
  /** Undefined: there is nothing to tell of it. */
  health(): QueueHealth | undefined;
}

export type WatchedQueues = Readonly<Record<string, WatchedQueue>>;

export interface ReadinessOptions {
  /** Absent: this process has none, and is ready without. */
  readonly catalogue?: Pick<BookCatalogue, "health">;
  /** By the names under which operators are to see them. */
  readonly queues: WatchedQueues;
  /** As `QueueWatch` says it, of a queue or of `catalogue`. */
  readonly degradedSince: (name: string) => number | undefined;
  readonly version: string;
}

export function createReadiness(
  { catalogue, queues, degradedSince, version }: ReadinessOptions,
): Readiness {
  let isOff = false;
  return {
    async check() {
      const shelf = isOff ? undefined : await catalogue?.health();
      const found = Object.entries(queues).flatMap(([name, queue]) => {
        const health = queue.health();
        return health === undefined ? [] : [[name, health] as const];
      });
      const areWell = found.every(([, health]) => health.status === "ok");
      return {
        status: isUnavailable(shelf) ? "unavailable" : areWell ? "ok" : "degraded",
        version,
        ...(shelf && { catalogue: dated("catalogue", shelf) }),
        queues: Object.fromEntries(found.map(([name, health]) => [name, dated(name, health)])),
      };
    },
    turnOff() {
      isOff = true;
    },
  };

  function isUnavailable(shelf: StoreHealth | undefined): boolean {
    return isOff || (catalogue !== undefined && shelf?.status !== "ok");
  }

  function dated<Health extends QueueHealth | StoreHealth>(
    name: string,
    health: Health,
  ): Health & { readonly since?: string } {
    const since = degradedSince(name);
    if (health.status === "ok" || since === undefined) return health;
    return { ...health, since: new Date(since).toISOString() };
  }
}
