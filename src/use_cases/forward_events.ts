import { getLogger } from "@logtape/logtape";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { type Clock, pause } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { deadLetterOf } from "../wire/dead_letter.ts";
import { eventIdOf } from "../wire/event_id.ts";
import { createDeadLetterBrake } from "./dead_letter_brake.ts";
import type { EventReceipts } from "./event_receipts.ts";
import { createForwarderHealth } from "./forwarder_health.ts";
import { type ForwardedPass, forwardPass } from "./forward_pass.ts";
import type { ForwardOutcome } from "./forward_window.ts";

/** The consumer group on the buffer. It must be a required group of that log: what it has not read must not be taken away. */
export const forwarderGroup = "forwarder";

/**
 * Store and forward: publishes what is in one log, the buffer, to another queue, and commits only what that queue has reported
 * as delivered, in order. While the queue is away events stay in the buffer, and it goes on by itself when it is back. An event
 * may come to stand twice (after a crash, or where a report was lost), never out of order: order means first occurrences.
 *
 * **Dead letters are for poison only**: a record that is `too_large` for the topic, or `invalid_record`, goes to `<topic>.dlq` in
 * the buffer. Everything else, whatever it is, is tried again until it is mended.
 */
export interface EventForwarder {
  /** What keeps events in the buffer, as far as it is not the target's own health. At once, never throws. */
  health(): QueueHealth;
  /**
   * Ends reading, waits at most `deadlineMs` for what is under way, and commits what was delivered, for which it waits a second
   * more: a disk may hang. What is left stays in the buffer. Never rejects.
   */
  stop(deadlineMs: number): Promise<void>;
}

export interface ForwardEventsOptions {
  readonly buffer: EventLog;
  readonly target: EventQueue;
  /** Of both. */
  readonly topic: string;
  readonly receipts: Pick<EventReceipts, "delivered" | "deadLettered" | "skipped">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** The most records that are read and not committed: what can be published again after a crash. Default: 10,000. */
  readonly windowRecords?: number;
  /** The same in bytes, 250 added for each record. Default: 32 MiB. */
  readonly windowBytes?: number;
  /** Records that are read at once. Default: 500: less costs more of them a second, more holds up what comes meanwhile. */
  readonly batchRecords?: number;
}

const logger = getLogger(["shelfcast", "forwarder"]);
const firstBackoffMs = 100;
const mostBackoffMs = 5000;
/** A pass that has stood so long is no longer in trouble. */
const steadyMs = 5000;
/** For the last commit, when nothing else is awaited any more. */
const lastCommitMs = 1000;
/** How long ending looks for what is left: it is told, no more. */
const lookMs = 500;

export function forwardEvents(options: ForwardEventsOptions): EventForwarder {
  const { buffer, target, topic, receipts, clock, telemetry, random } = options;
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const brake = createDeadLetterBrake(clock, () => {
    logger.error("More than 100 dead letters in a minute: forwarding {topic} pauses", { topic });
  });
  const health = createForwarderHealth();
  let position: bigint | undefined;
  let end = 0n;
  let stopped: Promise<void> | undefined;

  /** Of what was there when it read last: while the window is full there may be more. Offsets, which may jump. */
  const lag = (): number => Number(end - (position ?? end));

  async function run(): Promise<void> {
    let settledBefore: ReadonlyMap<string, ForwardOutcome> = new Map();
    let failures = 0;
    while (!stopping.signal.aborted) {
      let isProgress = false;
      /** The offset behind what this pass has read. */
      let readTo: bigint | undefined;
      health.passBegins();
      const cancelSteady = clock.after(steadyMs, health.goesWell);
      const { error, settled }: ForwardedPass = await forwardPass({
        buffer,
        target,
        topic,
        group: forwarderGroup,
        clock,
        windowRecords: options.windowRecords ?? 10_000,
        windowBytes: options.windowBytes ?? 32 * 1024 * 1024,
        batchRecords: options.batchRecords ?? 500,
        stop: stopping.signal,
        abandon: abandoning.signal,
        settledBefore,
        deadLetter,
        onDelivered(record, report) {
          isProgress = true;
          health.goesWell();
          telemetry.count("shelfcast.forwarder.delivered");
          const id = eventIdOf(record.headers);
          if (id !== undefined) receipts.delivered(id, report);
        },
        onWindow: (records) => telemetry.gauge("shelfcast.forwarder.window_records", records),
        onRead(batch) {
          const [first, last] = [batch.records[0]!.offset, batch.records.at(-1)!.offset];
          // What is missing before the first may have been brought on by another process, which had the group's place.
          if (readTo === undefined) position = first;
          else if (first > readTo) receipts.skipped(readTo, first);
          readTo = last + 1n;
          end = batch.end;
          telemetry.gauge("shelfcast.forwarder.lag_records", lag());
        },
        onCommitted(committed) {
          isProgress = true;
          health.commits();
          position = committed;
          telemetry.gauge("shelfcast.forwarder.lag_records", lag());
        },
        onCommitFault: health.commitFails,
        onFailure: health.passFails,
        // Whatever it is, it must end neither the forwarder nor the process.
      }).catch((error) => ({ error, settled: settledBefore }));
      cancelSteady();
      settledBefore = settled;
      if (stopping.signal.aborted) break;
      failures = isProgress ? 1 : failures + 1;
      health.passFails(error);
      logger.debug("Events of {topic} stay in the buffer", { topic, error });
      telemetry.count("shelfcast.forwarder.restarts");
      const most = Math.min(mostBackoffMs, firstBackoffMs * 2 ** (failures - 1));
      await pause(clock, Math.ceil(most / 2 * (1 + random())), stopping.signal);
    }
    await lookAtEnd();
    if (lag() > 0) {
      const message = "At least {lag} events of {topic} stay in the buffer until the next start";
      logger.warn(message, { topic, lag: lag() });
    }
  }

  /** What came since the last batch was read counts, too. */
  async function lookAtEnd(): Promise<void> {
    if (position === undefined) return;
    const from = { offset: position };
    // Waiting for reports may have been abandoned long before.
    const looking = new AbortController();
    const cancel = clock.after(lookMs, () => looking.abort());
    try {
      const { signal } = looking;
      const rest = buffer.subscribe(topic, { from, until: "end", maxRecords: 1, signal });
      for await (const batch of rest) {
        end = batch.end;
        break;
      }
    } catch (error) {
      logger.debug("The end of {topic} is not known", { topic, error });
    }
    cancel();
  }

  async function deadLetter(
    { partition }: RecordBatch,
    record: StoredRecord,
    { code: reason, message }: QueueError,
  ): Promise<void> {
    await brake.turn(abandoning.signal);
    const group = forwarderGroup;
    const cause = { topic, partition, group, reason, message, failedAt: clock.now() };
    const letter = deadLetterOf(record, cause);
    const deadLetters = deadLetterTopic(topic);
    while (!abandoning.signal.aborted) {
      try {
        await buffer.publish(deadLetters, letter);
        health.goesWell();
        telemetry.count("shelfcast.forwarder.dead_lettered", { reason });
        logger.error(
          "Record {offset} of {topic} went to the dead letters, {deadLetters}: {message}",
          {
            topic,
            deadLetters,
            offset: record.offset,
            reason,
            message,
          },
        );
        const id = eventIdOf(record.headers);
        if (id !== undefined) receipts.deadLettered(id, reason);
        return;
      } catch (error) {
        health.inTrouble(error);
        await pause(clock, mostBackoffMs, abandoning.signal);
      }
    }
    throw new QueueError("aborted", "Forwarder was stopped before the dead letter was written");
  }

  const running = run();

  async function stop(deadlineMs: number): Promise<void> {
    stopping.abort();
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
    const cancels = [
      clock.after(deadlineMs, () => abandoning.abort()),
      clock.after(deadlineMs + lastCommitMs, giveUp),
    ];
    await Promise.race([running, late]);
    for (const cancel of cancels) cancel();
  }

  return {
    health: () => brake.isOn ? braked(topic) : health.now,
    stop: (deadlineMs) => stopped ??= stop(deadlineMs),
  };
}

function braked(topic: string): QueueHealth {
  return {
    status: "degraded",
    reason: "invalid_record",
    detail:
      `More than 100 records of topic "${topic}" in a minute went to the dead letters, so the others wait`,
  };
}
