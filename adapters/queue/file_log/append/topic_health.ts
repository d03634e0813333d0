/** How a topic of the file log is: what would refuse an append now. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { QueueError, QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import { healthy, type QueueHealth } from "../../../../src/ports/queue_health.ts";

/** How often there is a look, at most, and only when somebody asks. */
const lookMs = 2000;
/** A disk, or a look at it, that takes longer is a fault. */
const slowMs = 2000;

/** Whether a topic takes records: what was seen last, by appending or by looking. */
export interface TopicHealth {
  /** Answers at once, and looks again in the background when the last look is old. */
  ask(): QueueHealth;
  /** An append begins: until it ends, nothing needs to be looked at. */
  begun(bytes: number): void;
  succeeded(): void;
  failed(error: QueueError): void;
}

/**
 * @param look Whether a batch of `provenBytes` could be appended now, without appending it; with 0
 *   nothing is written. Rejects with what would refuse it.
 */
export function createTopicHealth(
  clock: Clock,
  look: (provenBytes: number) => Promise<void>,
): TopicHealth {
  let fault: QueueError | undefined;
  /** Of what was refused last: so much has to find room before all is well again. */
  let refusedBytes = 0;
  let appending: { readonly bytes: number; readonly since: number } | undefined;
  let looking: { readonly since: number } | undefined;
  let lookedAt: number | undefined;

  function noteFailure(error: QueueError): void {
    if (error.code !== "closed") fault = error;
  }

  function lookAgain(): void {
    const mine = { since: clock.now() };
    looking = mine;
    look(fault === undefined ? 0 : Math.max(1, refusedBytes)).then(() => {
      fault = undefined;
    }, noteFailure).finally(() => {
      looking = undefined;
      lookedAt = clock.now();
    });
  }

  return {
    ask() {
      const now = clock.now();
      const since = appending?.since ?? looking?.since;
      if (since !== undefined && Math.abs(now - since) >= slowMs) return slow(now - since);
      const isOld = lookedAt === undefined || Math.abs(now - lookedAt) >= lookMs;
      if (since === undefined && isOld) lookAgain();
      return fault === undefined ? healthy : advised(fault);
    },
    begun(bytes) {
      appending = { bytes, since: clock.now() };
    },
    succeeded() {
      appending = undefined;
      fault = undefined;
    },
    failed(error) {
      refusedBytes = appending?.bytes ?? refusedBytes;
      appending = undefined;
      noteFailure(error);
    },
  };
}

const advices: Partial<Record<QueueErrorCode, string>> = {
  full:
    "free space on the disk, or let the groups that it names read on; mq.file.reserve_bytes and mq.file.max_bytes are the bounds. A group that nobody will ever read as is taken out of mq.file.required_groups and given up by deno task log release GROUP",
  unauthorized:
    "give the user who runs this the right to write there, on a disk that is not read-only",
  unknown_topic: "make it, or set mq.topics to ensure",
  corrupt: "stop the shop and run deno task log repair",
  unavailable: "look at the disk, and at other processes that have this log open",
  outcome_unknown: "look at the disk: it may be failing",
};

function advised({ code, message }: QueueError): QueueHealth {
  const advice = advices[code];
  const detail = advice === undefined ? message : `${message}: ${advice}`;
  return { status: "degraded", reason: code, detail };
}

function slow(tookMs: number): QueueHealth {
  const what = `The disk, or another process that has this log open, takes over ${tookMs} ms`;
  return { status: "degraded", reason: "timeout", detail: `${what}: look at both` };
}
