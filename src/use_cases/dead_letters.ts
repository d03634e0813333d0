/**
 * Where a consumer group puts the records that it can never handle: `<topic>.dlq`, in a log that
 * keeps it. A letter is written until it stands there, however long that takes, so that nobody
 * commits a record whose letter is lost.
 *
 * Poison is rare. What comes in heaps is a fault of the system, and must not empty a backlog into
 * the dead letters: there is a brake.
 */
import { getLogger } from "../ports/logger.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { type Clock, pause } from "../ports/clock.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import { QueueError } from "../ports/queue_error.ts";
import { healthy, type QueueHealth } from "../ports/queue_health.ts";
import { deadLetterOf } from "../wire/dead_letter.ts";

export interface DeadLetters {
  /**
   * Resolves when the record's letter is durable.
   *
   * @throws {QueueError} by rejection: `aborted`, where `signal` was aborted before.
   */
  write(partition: number, record: StoredRecord, cause: PoisonCause): Promise<void>;
  /** Degraded while letters wait for the brake. */
  health(): QueueHealth;
}

/** Why a record can never be handled. */
export interface PoisonCause {
  /** Out of few. */
  readonly code: string;
  /** No secrets. */
  readonly message: string;
}

export interface DeadLettersOptions {
  readonly log: EventQueue;
  /** Where the records were read. */
  readonly topic: string;
  /** Who gives them up. */
  readonly group: string;
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
  /** A letter could not be written; it is tried again. */
  readonly onFault: (error: unknown) => void;
}

const retryMs = 5000;
const mostPerMinute = 100;
const minuteMs = 60_000;

export function createDeadLetters(options: DeadLettersOptions): DeadLetters {
  const { log, topic, group, clock, signal, onFault } = options;
  const logger = getLogger(["shelfcast", group]);
  const deadLetters = deadLetterTopic(topic);
  const brake = createDeadLetterBrake(clock, () => {
    const message = "More than {most} dead letters in a minute: group {group} pauses in {topic}";
    logger.error(message, { most: mostPerMinute, group, topic });
  });

  return {
    async write(partition, record, { code: reason, message }) {
      await brake.turn(signal);
      const cause = { topic, partition, group, reason, message, failedAt: clock.now() };
      const letter = deadLetterOf(record, cause);
      while (!signal.aborted) {
        try {
          await log.publish(deadLetters, letter);
          const fields = { topic, deadLetters, offset: record.offset, reason, message };
          logger.error(
            "Record {offset} of {topic} went to the dead letters, {deadLetters}: {message}",
            fields,
          );
          return;
        } catch (error) {
          onFault(error);
          await pause(clock, retryMs, signal);
        }
      }
      throw new QueueError("aborted", "Dead letter was not written before the group was stopped");
    },
    health() {
      if (!brake.isOn) return healthy;
      return {
        status: "degraded",
        reason: "invalid_record",
        detail:
          `More than ${mostPerMinute} records of topic "${topic}" in a minute went to the dead letters, so the others wait: ` +
          "deno task dead-letters list says why; mend that, and bring them back with dead-letters redrive. " +
          `Until then ${mostPerMinute} a minute are given up`,
      };
    },
  };
}

interface DeadLetterBrake {
  /** Resolves when one more dead letter may be written, or when `signal` is aborted. */
  turn(signal: AbortSignal): Promise<void>;
  /** Whether somebody waits. */
  readonly isOn: boolean;
}

/** @param onBraked Called when the first has to wait. */
function createDeadLetterBrake(clock: Clock, onBraked: () => void): DeadLetterBrake {
  let times: number[] = [];
  let waiting = 0;

  return {
    get isOn() {
      return waiting > 0;
    },
    async turn(signal) {
      while (!signal.aborted) {
        const now = clock.now();
        // A clock that was set back must not hold letters for longer than a minute.
        times = times.filter((time) => Math.abs(now - time) < minuteMs);
        const [oldest = now] = times;
        if (times.length < mostPerMinute) {
          times.push(now);
          return;
        }
        if (waiting === 0) onBraked();
        waiting += 1;
        await pause(clock, Math.min(minuteMs, oldest + minuteMs - now), signal);
        waiting -= 1;
      }
    },
  };
}
