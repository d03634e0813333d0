import type { Clock } from "../../../src/ports/clock.ts";
import type { EventQueue } from "../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import {
  encodeKey,
  recordOverheadBytes,
  validateRecord,
} from "../../../src/ports/validate_record.ts";
import { withDeadline } from "./deadline.ts";
import type { KafkaConnections, Produced } from "./driver.ts";
import { KafkaDeadlineError, type KafkaFault, KafkaProtocolError } from "./fault.ts";
import type { HeldRecord } from "./held_record.ts";
import { createPartitionSender } from "./partition_sender.ts";
import type { Reporter } from "./reporter.ts";
import { createTopicIntake, type TopicIntake } from "./topic_intake.ts";
import type { TopicLeaders } from "./topic_leaders.ts";
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
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lingerMs: number;
  readonly batchBytes: number;
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
  let closing: Promise<void> | undefined;

  async function send(
    topic: string,
    partition: number,
    batch: Uint8Array,
    count: number,
  ): Promise<Produced> {
    const leave = await turnstile.enter();
    try {
      const leader = (await leaders.of(topic)).get(partition);
      if (leader === undefined) throw new KafkaProtocolError(5, "Metadata");
      const produced = await withDeadline(
        clock,
        options.sendDeadlineMs,
        "Produce",
        connections.produce(leader, { topic, partition, batch }),
      );
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
      leave();
    }
  }

  function onFault(topic: string, fault: KafkaFault, error: unknown): void {
    telemetry.count("shelfcast.kafka.send_failures", { topic, reason: fault });
    reporter.warn(fault, "Kafka does not take records of {topic}: {reason}", { topic, error });
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

  function hold(bytes: number): void {
    heldBytes += bytes;
    telemetry.gauge("shelfcast.kafka.held_bytes", heldBytes);
  }

  // deno-lint-ignore require-await -- async turns what is thrown into a rejection; it runs on at once, in the order of calls
  const publish: EventQueue["publish"] = async (topic, record, { signal } = {}) => {
    if (signal?.aborted) throw aborted();
    const size = check(topic, record);
    const bytes = size + recordOverheadBytes;
    const headers = record.headers ?? [];
    const takenAt = clock.now();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(aborted());
      signal?.addEventListener("abort", onAbort, { once: true });
      const settle = (): void => {
        signal?.removeEventListener("abort", onAbort);
        hold(-bytes);
      };
      const held: HeldRecord = {
        record: {
          key: record.key === undefined ? null : encodeKey(record.key),
          value: record.value,
          headers,
          timestamp: record.timestamp ?? Math.floor(takenAt),
        },
        bytes,
        wireBytes: size + recordFrameBytes + headers.length * headerFrameBytes,
        takenAt,
        deadlineAt: takenAt + options.deliveryTimeoutMs,
        mayStand: false,
        clamps: 0,
        resolve(report) {
          settle();
          resolve(report);
        },
        reject(error) {
          settle();
          reject(error);
        },
      };
      hold(bytes);
      intakeOf(topic).add(held);
    });
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
    connections.close();
    // The requests that were under way have lost their connections.
    await idle;
  }

  return { publish, close: (deadlineMs) => closing ??= close(deadlineMs) };
}

const aborted = (): QueueError => new QueueError("aborted", "Publishing was aborted");
