/**
 * Store and forward: the consumer group on the buffer that brings events to the brokers, in passes,
 * for as long as the shop runs.
 */
import { getLogger } from "../ports/logger.ts";
import { backoffMs, type Clock, pause, within } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { createDeadLetters } from "./dead_letters.ts";
import type { EventReceipts } from "./event_receipts.ts";
import { type ForwardedPass, forwardPass } from "./forward_pass.ts";
import { forwarderGroup } from "./forwarder_group.ts";
import type { GatherBounds } from "./gather_pace.ts";
import { createForwardProgress } from "./forward_progress.ts";
import { createGroupHealth } from "./group_health.ts";

/**
 * Publishes what is in one log, the buffer, to another queue, and commits only what that queue has
 * reported as delivered, in order. While the queue is away events stay in the buffer, and it goes
 * on by itself when it is back. An event may come to stand twice (after a crash, or where a report
 * was lost), never out of order: order means first occurrences.
 *
 * **Dead letters are for poison only**: a record that is `too_large` for the topic, or
 * `invalid_record`, goes to `<topic>.dlq` in the buffer. Everything else, whatever it is, is tried
 * again until it is mended.
 */
export interface EventForwarder {
  /** Resolves when it has ended: it was stopped, or all is forwarded that was wanted. */
  readonly ended: Promise<void>;
  /**
   * What keeps events in the buffer, as far as it is not the target's own health. At once, never
   * throws.
   */
  health(): QueueHealth;
  /**
   * Ends reading, waits at most `deadlineMs` for what is under way, and commits what was delivered,
   * for which it waits a second more: a disk may hang. What is left stays in the buffer. Never
   * rejects.
   */
  stop(deadlineMs: number): Promise<void>;
}

export interface ForwardEventsOptions {
  readonly buffer: EventLog;
  readonly target: EventQueue;
  /** Of both. */
  readonly topic: string;
  /**
   * `end`: ends by itself when all is forwarded that the buffer holds. Default: goes on for ever.
   */
  readonly until?: "end";
  /**
   * What trouble means for events, as the beginning of what operators read. Default: `Events wait
   * in the buffer`.
   */
  readonly means?: string;
  readonly receipts: Pick<EventReceipts, "delivered" | "deadLettered" | "skipped">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** From 0 up to 1. */
  readonly random: () => number;
  /**
   * The most records that are read and not committed: what can be published again after a crash.
   * Default: 10,000.
   */
  readonly windowRecords?: number;
  /** The same in bytes, 250 added for each record. Default: 32 MiB. */
  readonly windowBytes?: number;
  /**
   * Records that are read at once. Default: 500: less costs more of them a second, more holds up
   * what comes meanwhile.
   */
  readonly batchRecords?: number;
  /** How long events gather before the next are read. Default: not at all. */
  readonly gather?: GatherBounds;
}

const logger = getLogger(["shelfcast", "forwarder"]);
const betweenPasses = { firstMs: 100, mostMs: 5000 };
/** A pass that has stood so long is no longer in trouble. */
const steadyMs = 5000;
/** For the last commit, when nothing else is awaited any more. */
const lastCommitMs = 1000;
/** How long ending looks for what is left: it is told, no more. */
const lookMs = 500;

export function forwardEvents(options: ForwardEventsOptions): EventForwarder {
  const { buffer, target, topic, clock, telemetry, random } = options;
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const health = createGroupHealth({
    means: `${options.means ?? "Events wait in the buffer"}: `,
    unknown: "Forwarding failed",
  });
  const progress = createForwardProgress({ ...options, health });
  const deadLetters = createDeadLetters({
    log: buffer,
    topic,
    group: forwarderGroup,
    clock,
    signal: abandoning.signal,
    onFault: health.inTrouble,
  });
  let stopped: Promise<void> | undefined;

  async function run(): Promise<void> {
    let handledBefore: ForwardedPass["handled"] = new Map();
    let failures = 0;
    while (!stopping.signal.aborted) {
      progress.passBegins();
      const cancelSteady = clock.after(steadyMs, health.passStands);
      const { error, handled, isDrained }: ForwardedPass = await forwardPass({
        buffer,
        target,
        topic,
        group: forwarderGroup,
        clock,
        ...(options.until && { until: options.until }),
        windowRecords: options.windowRecords ?? 10_000,
        windowBytes: options.windowBytes ?? 32 * 1024 * 1024,
        batchRecords: options.batchRecords ?? 500,
        gather: options.gather ?? { leastMs: 0, mostMs: 0 },
        stop: stopping.signal,
        abandon: abandoning.signal,
        handledBefore,
        deadLetters,
        observer: progress,
        // Whatever it is, it must end neither the forwarder nor the process.
      }).catch((error): ForwardedPass => ({ error, handled: handledBefore }));
      cancelSteady();
      handledBefore = handled;
      if (stopping.signal.aborted || isDrained === true) break;
      failures = progress.hasMoved ? 1 : failures + 1;
      health.passFails(error);
      logger.debug("Events of {topic} stay in the buffer", { topic, error });
      telemetry.count("shelfcast.forwarder.restarts");
      await pause(clock, backoffMs(failures, betweenPasses, random), stopping.signal);
    }
    await lookAtEnd();
    if (progress.lag > 0) {
      const message = "At least {lag} events of {topic} stay in the buffer until the next start";
      logger.warn(message, { topic, lag: progress.lag });
    }
  }

  /** What came since the last batch was read counts, too. */
  async function lookAtEnd(): Promise<void> {
    if (progress.position === undefined) return;
    const from = { offset: progress.position };
    // Waiting for reports may have been abandoned long before.
    const looking = new AbortController();
    const cancel = clock.after(lookMs, () => looking.abort());
    try {
      const { signal } = looking;
      const rest = buffer.subscribe(topic, { from, until: "end", maxRecords: 1, signal });
      for await (const batch of rest) {
        progress.sawEnd(batch.end);
        break;
      }
    } catch (error) {
      logger.debug("The end of {topic} is not known", { topic, error });
    }
    cancel();
  }

  const running = run();

  async function stop(deadlineMs: number): Promise<void> {
    stopping.abort();
    const cancel = clock.after(deadlineMs, () => abandoning.abort());
    await within(clock, deadlineMs + lastCommitMs, running, () => undefined);
    cancel();
  }

  return {
    ended: running,
    health() {
      const braked = deadLetters.health();
      return braked.status === "degraded" ? braked : health.now;
    },
    stop: (deadlineMs) => stopped ??= stop(deadlineMs),
  };
}
