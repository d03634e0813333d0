/**
 * The wing `produce` publishes. It runs straight down: the publisher checks a record and holds it,
 * the intake of its topic chooses the partition, that partition's sender makes batches and repeats
 * them, and a produce request is one attempt.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { DeliveryReport, EventQueue } from "../../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../../src/ports/event_record.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { unlessAborted } from "../../../../src/ports/unless_aborted.ts";
import {
  encodeKey,
  recordOverheadBytes,
  validateRecord,
  validateSize,
} from "../../../../src/ports/validate_record.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { Reporter } from "../driver/reporter.ts";
import { createHeldBudget, type HeldRecord } from "./held_record.ts";
import { createProduceRequests, type ProduceRequestsOptions } from "./produce_request.ts";
import { createTopicIntake, type TopicIntake, type TopicIntakeOptions } from "./topic_intake.ts";

export interface Publisher {
  readonly publish: EventQueue["publish"];
  /** Topics for which records are held, and when the oldest was made. */
  waiting(): Iterable<readonly [topic: string, oldest: number]>;
  /** Waits for what is held, at most `deadlineMs`; then rejects it and drops the connections. */
  close(deadlineMs: number): Promise<void>;
}

type Below = Omit<TopicIntakeOptions, "topic" | "requests"> & ProduceRequestsOptions;

export interface PublisherOptions extends Below {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly telemetry: Telemetry;
  readonly maxRecordBytes: number;
  readonly maxBytes: number;
  readonly deliveryTimeoutMs: number;
}

/** Length, attributes, deltas and counts of a record, at most; a header adds two lengths. */
const recordFrameBytes = 36;
const headerFrameBytes = 10;

export function createPublisher(options: PublisherOptions): Publisher {
  const { connections, reporter, clock } = options;
  const requests = createProduceRequests(options);
  const intakes = new Map<string, TopicIntake>();
  const budget = createHeldBudget(options.maxBytes, options.telemetry);
  let closing: Promise<void> | undefined;

  function intakeOf(topic: string): TopicIntake {
    let intake = intakes.get(topic);
    if (intake === undefined) {
      intake = createTopicIntake({ ...options, topic, requests });
      intakes.set(topic, intake);
    }
    return intake;
  }

  function take(topic: string, record: EventRecord): Promise<DeliveryReport> {
    if (closing !== undefined) throw new QueueError("closed", "Log is closed");
    const size = validateRecord(topic, record);
    validateSize(topic, size, options.maxRecordBytes);
    const bytes = size + recordOverheadBytes;
    budget.take(bytes);
    const { key, value, headers = [] } = record;
    const takenAt = clock.now();
    return new Promise((resolve, reject) => {
      const held: HeldRecord = {
        key: key === undefined ? null : encodeKey(key),
        value,
        headers,
        timestamp: record.timestamp ?? Math.floor(takenAt),
        bytes,
        budget,
        wireBytes: size + recordFrameBytes + headers.length * headerFrameBytes,
        takenAt,
        deadlineAt: takenAt + options.deliveryTimeoutMs,
        mayStand: false,
        moves: 0,
        resolve,
        reject,
      };
      intakeOf(topic).add(held);
    });
  }

  async function close(deadlineMs: number): Promise<void> {
    const idle = Promise.all([...intakes.values()].map((intake) => intake.idle()));
    for (const intake of intakes.values()) intake.flush();
    try {
      await withDeadline(clock, deadlineMs, "closing", idle);
    } catch {
      const heldBytes = budget.bytes;
      reporter.warn("closed", "Kafka log closes with {heldBytes} bytes undelivered", { heldBytes });
      for (const intake of intakes.values()) intake.abandon("closed", "Log was closed");
    }
    options.deliveries.end();
    connections.close();
    // The requests that were under way have lost their connections.
    await idle;
  }

  return {
    publish: (topic, record, { signal } = {}) => unlessAborted(signal, () => take(topic, record)),
    waiting: () =>
      [...intakes].map(([topic, intake]) => [topic, intake.oldest()] as const)
        .filter(([, oldest]) => oldest < Infinity),
    close: (deadlineMs) => closing ??= close(deadlineMs),
  };
}
