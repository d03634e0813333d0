/**
 * The bounded acceptance of events: how long a search waits for the queue, and what it then knows.
 */
import { type Clock, within } from "../ports/clock.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { EventRecord } from "../ports/event_record.ts";
import { createNotifier } from "../ports/notifier.ts";
import { QueueError, type QueueErrorCode, recordFaults } from "../ports/queue_error.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { EventReceipts } from "./event_receipts.ts";
import { blamed, type EventLoop, queueTimeoutMs, saturatedMs } from "./event_loop_watch.ts";
import { createTimeouts } from "./timeouts.ts";
import { createFailureSummary, lateReason } from "./failure_summary.ts";

/** What was known of an event when the wait for it ended. */
export type Acceptance =
  /** The queue holds it, as durably as its adapter declares. */
  | { readonly status: "accepted" }
  /** The queue has not answered yet; it may still come to hold it. */
  | { readonly status: "pending" }
  /** The queue does not hold it; with `outcome_unknown` and `timeout` it may. */
  | { readonly status: "refused"; readonly reason: QueueErrorCode };

/**
 * What became of the events that this process offered: `offered = accepted + refused + pending`, at
 * any time.
 */
export interface AcceptanceLedger {
  readonly offered: number;
  readonly accepted: number;
  readonly refused: Readonly<Partial<Record<QueueErrorCode, number>>>;
  readonly pending: number;
}

/**
 * Gives events to a queue without ever being held up by it: whatever the queue does, `offer`
 * resolves after the time-out. It stops waiting, but never aborts: an event that is accepted late
 * is accepted. While any publish is past its time-out the queue is known to be slow, and nothing
 * waits for it at all.
 */
export interface EventAcceptor {
  /** Never rejects. Events are given to the queue in the order of the calls. */
  offer(id: string, record: EventRecord): Promise<Acceptance>;
  readonly ledger: AcceptanceLedger;
  /**
   * Degraded while an event is past its time-out, and for five seconds after the queue refused one
   * (an event that it accepts ends that sooner); else what the queue says of itself. A record that
   * is refused for its own sake (`too_large`, `invalid_record`) says nothing about the queue.
   */
  health(): QueueHealth;
  /**
   * For the shutdown, when no more events are offered: waits until the queue has answered for all,
   * at most `deadlineMs`.
   *
   * @returns How many events are still pending.
   */
  awaitAnswers(deadlineMs: number): Promise<number>;
}

export interface EventAcceptorOptions {
  readonly queue: EventQueue;
  readonly topic: string;
  /** The longest that an event may hold up the search that caused it; 0: nothing waits. */
  readonly acceptTimeoutMs: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly receipts: Pick<EventReceipts, "offered" | "accepted" | "refused">;
  /** Whose lateness is not the queue's. Default: it is never late. */
  readonly loop?: EventLoop | undefined;
}

/** A queue notices by itself what is wrong with it; until then its last answer counts. */
const refusalCountsMs = 5000;

export function createEventAcceptor(options: EventAcceptorOptions): EventAcceptor {
  const { queue, topic, acceptTimeoutMs, clock, telemetry, receipts, loop } = options;
  const failures = createFailureSummary(clock, loop);
  const refused: Partial<Record<QueueErrorCode, number>> = {};
  const answered = createNotifier();
  const timeouts = createTimeouts(clock, acceptTimeoutMs);
  let offered = 0;
  let accepted = 0;
  let pending = 0;
  let overdue = 0;
  let refusal: { readonly reason: QueueErrorCode; readonly at: number } | undefined;

  const countOffered = (): void => {
    offered += 1;
    pending += 1;
    telemetry.count("shelfcast.events.offered");
    telemetry.gauge("shelfcast.events.pending", pending);
  };

  const countAnswer = (reason?: QueueErrorCode): void => {
    pending -= 1;
    telemetry.gauge("shelfcast.events.pending", pending);
    if (reason === undefined) {
      accepted += 1;
      refusal = undefined;
      telemetry.count("shelfcast.events.accepted");
    } else {
      refused[reason] = (refused[reason] ?? 0) + 1;
      if (!recordFaults.has(reason)) refusal = { reason, at: clock.now() };
      telemetry.count("shelfcast.events.refused", { reason });
      failures.note(reason);
    }
    answered.notify();
  };

  const publish = async (id: string, record: EventRecord): Promise<QueueErrorCode | undefined> => {
    receipts.offered(id);
    try {
      receipts.accepted(id, await queue.publish(topic, record));
      return undefined;
    } catch (error) {
      // The port forbids other errors. Where one comes all the same, nothing is known about the
      // record.
      const reason = error instanceof QueueError ? error.code : "outcome_unknown";
      receipts.refused(id, reason);
      return reason;
    }
  };

  const offer = (id: string, record: EventRecord): Promise<Acceptance> => {
    const mayWait = overdue === 0 && acceptTimeoutMs > 0;
    const offeredAt = clock.now();
    countOffered();

    const { promise, resolve } = Promise.withResolvers<Acceptance>();
    let isOverdue = false;
    const cancelTimeout = timeouts.begin(() => {
      isOverdue = true;
      overdue += 1;
      telemetry.count("shelfcast.events.late");
      failures.note(lateReason);
      resolve({ status: "pending" });
    });
    publish(id, record).then((reason) => {
      cancelTimeout();
      if (isOverdue) overdue -= 1;
      telemetry.histogram("shelfcast.events.accept_ms", Math.max(0, clock.now() - offeredAt));
      countAnswer(reason);
      resolve(reason === undefined ? { status: "accepted" } : { status: "refused", reason });
    });
    if (!mayWait) resolve({ status: "pending" });
    return promise;
  };

  return {
    offer,
    get ledger() {
      return { offered, accepted, refused: { ...refused }, pending };
    },
    health() {
      const health = queue.health();
      if (health.status === "degraded") return blamed(health, loop, queueTimeoutMs);
      if (overdue > 0) {
        const detail =
          `${overdue} events wait for longer than ${acceptTimeoutMs} ms to be accepted`;
        return blamed({ status: "degraded", reason: "timeout", detail }, loop, saturatedMs);
      }
      if (refusal !== undefined && Math.abs(clock.now() - refusal.at) < refusalCountsMs) {
        const { reason } = refusal;
        return { status: "degraded", reason, detail: "The last event was refused" };
      }
      return health;
    },
    async awaitAnswers(deadlineMs) {
      const allAnswered = answered.until(() => pending === 0);
      await within(clock, deadlineMs, allAnswered, () => undefined);
      timeouts.rest();
      failures.flush();
      return pending;
    },
  };
}
