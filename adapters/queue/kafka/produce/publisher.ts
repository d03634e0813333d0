import type { Clock } from "../../../../src/ports/clock.ts";
import type { DeliveryReport, EventQueue } from "../../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../../src/ports/event_record.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import {
  encodeKey,
  recordOverheadBytes,
  validateRecord,
} from "../../../../src/ports/validate_record.ts";
import type { DeliveryFaults } from "../cluster/delivery_faults.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import { tellOf } from "../driver/advice.ts";
import { KafkaDeadlineError, withDeadline } from "../driver/deadline.ts";
import type { KafkaConnections, Produced } from "../driver/driver.ts";
import type { KafkaFault } from "../driver/fault.ts";
import type { Reporter } from "../driver/reporter.ts";
import type { Compression } from "../wire/compression.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";
import type { HeldRecord } from "./held_record.ts";
import { createPartitionSender } from "./partition_sender.ts";
import { createProducerSequence } from "./producer_sequence.ts";
import { createTopicIntake, type TopicIntake } from "./topic_intake.ts";
import { createTurnstile } from "./turnstile.ts";

export interface Publisher {
  readonly publish: EventQueue["publish"];
  /** Waits for what is held, at most `deadlineMs`; then rejects it and drops the connections. */
  close(deadlineMs: number): Promise<void>;
}

export interface PublisherOptions {
  readonly connections: KafkaConnections;
  readonly leaders: TopicLeaders;
  readonly faultOf: (error: unknown) => KafkaFault;
  readonly reporter: Reporter;
  /** Is told what becomes of requests. */
  readonly deliveries: DeliveryFaults;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly compression: Compression;
  readonly idempotent: boolean;
  readonly maxRecordBytes: number;
  readonly maxBytes: number;
  readonly deliveryTimeoutMs: number;
  /** Until a produce request must have settled, connecting included. */
  readonly sendDeadlineMs: number;
}

const maxParallelSends = 64;
/** Length, attributes, deltas and counts of a record, at most; a header adds two lengths. */
const recordFrameBytes = 36;
const headerFrameBytes = 10;

export function createPublisher(options: PublisherOptions): Publisher {
  const { connections, leaders, reporter, telemetry, clock } = options;
  const intakes = new Map<string, TopicIntake>();
  const turnstile = createTurnstile(maxParallelSends);
  let heldBytes = 0;
  let telling = false;
  let closing: Promise<void> | undefined;
  /** This end has ended the connections: what then fails is not the broker's fault. */
  let isOver = false;

  async function send(
    topic: string,
    partition: number,
    batch: Uint8Array,
    count: number,
  ): Promise<Produced> {
    const leave = await turnstile.enter();
    const answered = options.deliveries.sent(topic);
    try {
      const found = await leaders.of(topic);
      const leader = found.get(partition);
      // Made again with fewer: its records have to find another partition, from the caller's hand.
      if (!found.has(partition)) throw partitionGone(topic, partition, found.size);
      if (leader === undefined) {
        throw new KafkaProtocolError(errorCodes.leaderNotAvailable, "Metadata");
      }
      const produced = await withDeadline(
        clock,
        options.sendDeadlineMs,
        "Produce",
        connections.produce(leader, { topic, partition, batch }),
      );
      options.deliveries.delivered(topic);
      telemetry.count("shelfcast.kafka.records_delivered", { topic }, count);
      telemetry.histogram("shelfcast.kafka.batch_records", count, { topic });
      return produced;
    } catch (error) {
      // Whatever it was, the leader may have moved.
      leaders.forget(topic);
      // A request that does not end would else still be under way beside the next one.
      if (error instanceof KafkaDeadlineError) connections.drop();
      throw error;
    } finally {
      answered();
      leave();
    }
  }

  const introduce = () =>
    withDeadline(clock, options.sendDeadlineMs, "InitProducerId", connections.initProducer());

  function onFault(topic: string, fault: KafkaFault, error: unknown): void {
    if (isOver) return;
    options.deliveries.failed(topic, fault, error);
    telemetry.count("shelfcast.kafka.send_failures", { topic, reason: fault });
    const { reason, ...told } = tellOf(error, fault, `write to topic "${topic}"`);
    const fields = { topic, ...told };
    reporter.warn(reason, "Kafka does not take records of {topic} ({reason}): {detail}", fields);
  }

  function intakeOf(topic: string): TopicIntake {
    let intake = intakes.get(topic);
    if (intake === undefined) {
      intake = createTopicIntake({
        ...options,
        topic,
        onFault: (fault, error) => onFault(topic, fault, error),
        openSender: (partition, onBatch) =>
          createPartitionSender({
            ...options,
            topic,
            partition,
            sequence: options.idempotent ? createProducerSequence(introduce) : undefined,
            onBatch,
            send: (batch, count) => send(topic, partition, batch, count),
            onFault: (fault, error) => onFault(topic, fault, error),
          }),
      });
      intakes.set(topic, intake);
    }
    return intake;
  }

  function check(topic: string, record: EventRecord): number {
    if (closing !== undefined) throw new QueueError("closed", "Log is closed");
    const size = validateRecord(topic, record);
    if (size > options.maxRecordBytes) {
      const limit = options.maxRecordBytes;
      throw new QueueError("too_large", `Record has ${size} bytes, wanted at most ${limit}`);
    }
    if (heldBytes + size + recordOverheadBytes > options.maxBytes) {
      throw new QueueError(
        "full",
        `Records that await delivery have ${heldBytes} bytes, wanted at most ${options.maxBytes}`,
      );
    }
    return size;
  }

  /** Once a turn at most: a burst of records is one change to whoever looks. */
  function tellHeldBytes(): void {
    if (telling) return;
    telling = true;
    queueMicrotask(() => {
      telling = false;
      telemetry.gauge("shelfcast.kafka.held_bytes", heldBytes);
    });
  }

  function release({ bytes }: HeldRecord): void {
    heldBytes -= bytes;
    tellHeldBytes();
  }

  function take(topic: string, record: EventRecord): Promise<DeliveryReport> {
    const size = check(topic, record);
    const { key, value, headers = [] } = record;
    const takenAt = clock.now();
    return new Promise((resolve, reject) => {
      const held: HeldRecord = {
        key: key === undefined ? null : encodeKey(key),
        value,
        headers,
        timestamp: record.timestamp ?? Math.floor(takenAt),
        bytes: size + recordOverheadBytes,
        wireBytes: size + recordFrameBytes + headers.length * headerFrameBytes,
        takenAt,
        deadlineAt: takenAt + options.deliveryTimeoutMs,
        mayStand: false,
        clamps: 0,
        release,
        resolve,
        reject,
      };
      heldBytes += held.bytes;
      tellHeldBytes();
      intakeOf(topic).add(held);
    });
  }

  // Not async: that would be a second promise for each record.
  const publish: EventQueue["publish"] = (topic, record, { signal } = {}) => {
    try {
      if (signal === undefined) return take(topic, record);
      if (signal.aborted) throw aborted();
      return unlessAborted(take(topic, record), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  async function close(deadlineMs: number): Promise<void> {
    const idle = Promise.all([...intakes.values()].map((intake) => intake.idle()));
    for (const intake of intakes.values()) intake.flush();
    try {
      await withDeadline(clock, deadlineMs, "closing", idle);
    } catch {
      reporter.warn("closed", "Kafka log closes with {heldBytes} bytes undelivered", { heldBytes });
      for (const intake of intakes.values()) intake.abandon("closed", "Log was closed");
    }
    isOver = true;
    connections.close();
    // The requests that were under way have lost their connections.
    await idle;
  }

  return { publish, close: (deadlineMs) => closing ??= close(deadlineMs) };
}

const aborted = (): QueueError => new QueueError("aborted", "Publishing was aborted");

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted());
    signal.addEventListener("abort", onAbort, { once: true });
    promise.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}

function partitionGone(topic: string, partition: number, count: number): QueueError {
  const is = `Topic "${topic}" has ${count} partitions and no partition ${partition} any more`;
  return new QueueError("unavailable", is);
}
