import { QueueError } from "../ports/queue_error.ts";
import { degradedBy, healthy, type QueueHealth } from "../ports/queue_health.ts";

/**
 * What keeps a consumer group from getting on: why its pass cannot go on, and why what it handled
 * is not committed.
 */
export interface GroupHealth {
  readonly now: QueueHealth;
  /** A new pass; the last one's trouble counts until something goes well. */
  passBegins(): void;
  /** Until the next pass begins, nothing ends this. */
  passFails(error: unknown): void;
  /** The pass has stood for a while: why the last one failed counts no more. Trouble does. */
  passStands(): void;
  /** Until something goes well. */
  inTrouble(error: unknown): void;
  goesWell(): void;
  /** Until a commit succeeds, or a new pass begins. */
  commitFails(error: unknown): void;
  commits(): void;
}

export interface GroupHealthOptions {
  /**
   * What trouble means for events, as the beginning of what operators read: they see it beside the
   * health of the queue itself.
   */
  readonly means: string;
  /**
   * What is told of an error that the port forbids: such a one is a fault of the program, and may
   * say anything.
   */
  readonly unknown: string;
}

export function createGroupHealth({ means, unknown }: GroupHealthOptions): GroupHealth {
  let pass = healthy;
  let trouble = healthy;
  let commit = healthy;
  let isFailing = false;

  function after(error: unknown, words = ""): QueueHealth {
    const { code, message } = error instanceof QueueError
      ? error
      : new QueueError("outcome_unknown", unknown);
    return degradedBy(new QueueError(code, `${words}${message}`));
  }

  return {
    get now() {
      if (commit.status === "degraded") return commit;
      return trouble.status === "degraded" ? trouble : pass;
    },
    passBegins() {
      isFailing = false;
      commit = healthy;
    },
    passFails(error) {
      isFailing = true;
      pass = after(error, means);
      trouble = healthy;
    },
    passStands() {
      if (!isFailing) pass = healthy;
    },
    inTrouble(error) {
      trouble = after(error, means);
    },
    goesWell() {
      if (!isFailing) pass = trouble = healthy;
    },
    commitFails(error) {
      commit = after(error);
    },
    commits() {
      commit = healthy;
    },
  };
}
