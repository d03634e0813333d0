import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { EventAcceptor } from "./event_acceptor.ts";

/**
 * `ok`; `degraded`: searches are answered, but the queue does not accept events; `unavailable`: the catalogue is away, or the
 * service is shutting down. Only the catalogue decides between the last and the others: a queue never takes replicas out.
 */
export type ReadinessStatus = "ok" | "degraded" | "unavailable";

export interface Readiness {
  /** Resolves within a second, never rejects. */
  check(): Promise<ReadinessStatus>;
  /** From now on `unavailable`: the first step of a shutdown. */
  turnOff(): void;
}

export interface ReadinessOptions {
  readonly catalogue: BookCatalogue;
  readonly acceptor: EventAcceptor;
}

export function createReadiness({ catalogue, acceptor }: ReadinessOptions): Readiness {
  let isOff = false;
  return {
    async check() {
      if (isOff || !(await catalogue.isReady())) return "unavailable";
      return acceptor.isAccepting ? "ok" : "degraded";
    },
    turnOff() {
      isOff = true;
    },
  };
}
