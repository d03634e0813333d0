import { QueueError } from "../ports/queue_error.ts";
import { degradedBy, healthy, type QueueHealth } from "../ports/queue_health.ts";

/** What keeps a forwarder from forwarding: why its pass cannot go on, and why what it delivered is not committed. */
export interface ForwarderHealth {
  readonly now: QueueHealth;
  /** A new pass; the last one's trouble counts until something goes well. */
  passBegins(): void;
  /** Until the next pass begins, nothing ends this. */
  passFails(error: unknown): void;
  /** Until something goes well. */
  inTrouble(error: unknown): void;
  goesWell(): void;
  /** Until a commit succeeds, or a new pass begins. */
  commitFails(error: unknown): void;
  commits(): void;
}

export function createForwarderHealth(): ForwarderHealth {
  let pass = healthy;
  let commit = healthy;
  let isFailing = false;

  return {
    get now() {
      return commit.status === "degraded" ? commit : pass;
    },
    passBegins() {
      isFailing = false;
      commit = healthy;
    },
    passFails(error) {
      isFailing = true;
      pass = after(error, "Events wait in the buffer: ");
    },
    inTrouble(error) {
      pass = after(error, "Events wait in the buffer: ");
    },
    goesWell() {
      if (!isFailing) pass = healthy;
    },
    commitFails(error) {
      commit = after(error);
    },
    commits() {
      commit = healthy;
    },
  };
}

/** @param means What it means for events; operators see it beside the target's own health. */
function after(error: unknown, means = ""): QueueHealth {
  // The port forbids other errors: such a one is a fault of the program, which must not end it either.
  const { code, message } = error instanceof QueueError
    ? error
    : new QueueError("outcome_unknown", "Forwarding failed");
  return degradedBy(new QueueError(code, `${means}${message}`));
}
