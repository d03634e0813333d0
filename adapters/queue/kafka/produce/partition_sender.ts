/**
 * The queue before one partition. At most one request is outstanding, and a request is repeated
 * unchanged: with two of them, or a changed one, a lost acknowledgement reorders or loses records.
 * While it is under way the next batch gathers.
 *
 * Giving up (deadline, closing, a fault that only people can mend) rejects every record that is
 * held, in order; the request that may still be under way is awaited before anything newer is sent.
 */
import { backoffMs, type Clock } from "../../../../src/ports/clock.ts";
import { createNotifier } from "../../../../src/ports/notifier.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import type { DeliveryFaults } from "../cluster/delivery_faults.ts";
import type { RetentionWatch } from "../cluster/retention_watch.ts";
import type { KnownRules, TopicRules } from "../cluster/topic_rules.ts";
import { explained } from "../driver/advice.ts";
import { betweenAttempts } from "../driver/deadline.ts";
import type { Produced } from "../driver/driver.ts";
import { codeOf, type KafkaFault, mayStandAfter } from "../driver/fault.ts";
import type { Compression } from "../wire/compression.ts";
import { encodeRecordBatch } from "../wire/encode_batch.ts";
import { confirm, giveUp, type HeldRecord } from "./held_record.ts";
import type { ProduceRequests } from "./produce_request.ts";
import { createProducerSequence } from "./producer_sequence.ts";
import { createRecordTimes } from "./record_times.ts";

export interface PartitionSender {
  add(held: HeldRecord): void;
  /** Sends what is held without waiting for more, from now on. */
  flush(): void;
  abandon(code: QueueErrorCode, message: string): void;
  /** Resolves when nothing is held and no request is under way. */
  idle(): Promise<void>;
  /** When the oldest that is held was made; undefined where none is. */
  readonly oldest: number | undefined;
  /** The number of the batch that gathers now. */
  readonly batch: number;
}

export interface PartitionSenderOptions {
  readonly topic: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lingerMs: number;
  readonly batchBytes: number;
  /** With so many bytes a batch waits for no more company. */
  readonly worthSendingBytes: number;
  readonly compression: Compression;
  /** Batches are numbered, so that a repeated one is appended once. */
  readonly idempotent: boolean;
  readonly requests: ProduceRequests;
  readonly retention: RetentionWatch;
  /** What the topic wants of its records. */
  readonly rules: KnownRules;
  /** Is told of failed attempts, whatever becomes of them. */
  readonly deliveries: DeliveryFaults;
  readonly faultOf: (error: unknown) => KafkaFault;
}

/** They are confirmed in one go, for which a search that comes meanwhile waits. */
const maxBatchRecords = 1000;
const noRules: TopicRules = { isCompacted: false, givesTimes: false };

export function createPartitionSender(options: PartitionSenderOptions): PartitionSender {
  const { topic, partition, clock, random, lingerMs, batchBytes } = options;
  const { compression, requests, rules, retention, deliveries, faultOf } = options;
  const sequence = options.idempotent ? createProducerSequence(requests.introduce) : undefined;
  const times = createRecordTimes(random);
  const woken = createNotifier();
  let waiting: HeldRecord[] = [];
  let waitingBytes = 0;
  let batchNumber = 0;
  /** Taken from `waiting` and not reported, oldest first. */
  let outstanding: HeldRecord[] = [];
  /** Grows when everything held is given up: what was then under way belongs to nobody. */
  let epoch = 0;
  let failures = 0;
  /** Why the oldest is still held. */
  let lastError: unknown;
  let sending = false;
  let flushing = false;
  let running: Promise<void> | undefined;
  let cancelDeadline: (() => void) | undefined;

  const worthSendingBytes = Math.min(options.worthSendingBytes, batchBytes);
  const isWorthSending = (): boolean => waitingBytes >= worthSendingBytes;

  async function run(): Promise<void> {
    // Whatever is published in the same turn shares the first batch.
    await Promise.resolve();
    while (waiting.length > 0) {
      await linger();
      // They may have been given up meanwhile.
      if (waiting.length === 0) break;
      takeBatch();
      await deliver(outstanding);
    }
    running = undefined;
  }

  async function linger(): Promise<void> {
    const oldest = waiting[0];
    if (oldest === undefined || flushing || isWorthSending()) return;
    // At most so long, also where the clock was set back since.
    await sleep(Math.min(lingerMs, oldest.takenAt + lingerMs - clock.now()));
  }

  /** Ends early when woken. */
  async function sleep(delayMs: number): Promise<void> {
    if (delayMs <= 0) return;
    const over = new AbortController();
    const cancel = clock.after(delayMs, () => over.abort());
    await woken.wait(over.signal);
    cancel();
  }

  function takeBatch(): void {
    let count = 0;
    let bytes = 0;
    for (const held of waiting) {
      if (count > 0 && (count === maxBatchRecords || bytes + held.wireBytes > batchBytes)) break;
      bytes += held.wireBytes;
      count++;
    }
    outstanding = waiting;
    waiting = waiting.slice(count);
    outstanding.length = count;
    waitingBytes -= bytes;
    batchNumber++;
  }

  async function deliver(batch: readonly HeldRecord[]): Promise<void> {
    const mine = epoch;
    let encoded: Uint8Array | undefined;
    const encode = async (): Promise<Uint8Array> =>
      encoded ??= encodeRecordBatch(batch, compression, await sequence?.current());
    const asking = retention.prepare(topic, batch[0]!.timestamp);
    if (asking !== undefined) await asking;
    let isUncertain = batch.some(({ mayStand }) => mayStand);
    while (true) {
      if (failures > 0) await sleep(backoffMs(failures, betweenAttempts, random));
      if (epoch !== mine) return;
      const failed = await attempt(batch, encode);
      if (epoch !== mine || failed === undefined) return;
      const { fault, error } = failed;
      if (fault === "invalid_timestamp") {
        await rules.learn(topic);
        if (epoch !== mine) return;
        encoded = undefined;
        if (times.moveOutside(batch, rules.of(topic) ?? noRules, clock.now())) continue;
      }
      if (fault === "too_large" || fault === "invalid_record" || fault === "invalid_timestamp") {
        if (batch.length > 1) return await deliverHalves(batch, mine);
        if (fault !== "invalid_timestamp") return refuse(batch[0]!, codeOf(fault), error);
        if (!times.move(batch[0]!, clock.now())) failures++;
        continue;
      }
      failures++;
      if (fault === "producer_fatal" && sequence !== undefined && !isUncertain) {
        // The broker has forgotten the producer, as after a day of silence: this batch, at least,
        // was not appended.
        sequence.restart();
        encoded = undefined;
        continue;
      }
      isUncertain ||= mayStandAfter(fault);
      if (error instanceof QueueError) return abandon(error.code, error.message, error);
      if (fault === "unauthorized" || fault === "producer_fatal" || fault === "unsupported") {
        const told = explained(error, fault, `write to topic "${topic}"`);
        return abandon(told.code, told.message, error);
      }
    }
  }

  /**
   * Which record it was, the broker does not say. Nothing was appended, so that the order is kept.
   */
  async function deliverHalves(batch: readonly HeldRecord[], mine: number): Promise<void> {
    const middle = batch.length >> 1;
    await deliver(batch.slice(0, middle));
    if (epoch === mine) await deliver(batch.slice(middle));
  }

  /** @returns undefined where the batch was appended. */
  async function attempt(
    batch: readonly HeldRecord[],
    encode: () => Promise<Uint8Array>,
  ): Promise<{ fault: KafkaFault; error: unknown } | undefined> {
    const mine = epoch;
    sending = true;
    try {
      const encoded = await encode();
      if (epoch !== mine) return undefined;
      const produced = await requests.send(topic, partition, encoded, batch.length);
      failures = 0;
      lastError = undefined;
      if (epoch === mine) {
        sequence?.advance(batch.length);
        times.taken(batch, clock.now());
        retention.delivered(topic, batch);
        confirmAll(batch, produced);
      }
      return undefined;
    } catch (error) {
      const fault = faultOf(error);
      // Our own errors come before anything is sent.
      const isSent = !(error instanceof QueueError);
      if (isSent && mayStandAfter(fault)) { for (const held of batch) held.mayStand = true; }
      lastError = error;
      deliveries.failed(topic, fault, error);
      return { fault, error };
    } finally {
      sending = false;
    }
  }

  function confirmAll(batch: readonly HeldRecord[], { baseOffset, appendTime }: Produced): void {
    outstanding = outstanding.slice(batch.length);
    let offset = baseOffset;
    for (const held of batch) {
      confirm(held, { topic, partition, offset, timestamp: appendTime ?? held.timestamp });
      offset++;
    }
    armDeadline();
  }

  function refuse(held: HeldRecord, code: QueueErrorCode, cause: unknown): void {
    outstanding = outstanding.slice(1);
    const what = code === "too_large"
      ? `Record of about ${held.wireBytes} bytes is over the limit of topic "${topic}"`
      : `Broker refuses the record for topic "${topic}" as invalid`;
    giveUp(held, code, what, cause);
    armDeadline();
  }

  function abandon(code: QueueErrorCode, message: string, cause = lastError): void {
    epoch++;
    sequence?.restart();
    if (sending) { for (const held of outstanding) held.mayStand = true; }
    const all = [...outstanding, ...waiting];
    outstanding = [];
    waiting = [];
    waitingBytes = 0;
    for (const held of all) giveUp(held, code, message, cause);
    armDeadline();
    woken.notify();
  }

  /** For the oldest: records have one delivery time-out, so that none behind it is due sooner. */
  function armDeadline(): void {
    const oldest = outstanding[0] ?? waiting[0];
    if (oldest === undefined) {
      cancelDeadline?.();
      cancelDeadline = undefined;
    } else if (cancelDeadline === undefined) {
      // At most its whole time, also where the clock was set back since.
      const { deadlineAt, takenAt } = oldest;
      const delayMs = Math.min(deadlineAt - takenAt, deadlineAt - clock.now());
      cancelDeadline = clock.after(delayMs, () => {
        cancelDeadline = undefined;
        const due = outstanding[0] ?? waiting[0];
        if (due !== undefined && (due === oldest || due.deadlineAt <= clock.now())) {
          abandon("timeout", `Topic "${topic}" did not take the record in time`);
        } else armDeadline();
      });
    }
  }

  return {
    add(held) {
      waiting.push(held);
      waitingBytes += held.wireBytes;
      armDeadline();
      running ??= run();
      if (failures === 0 && isWorthSending()) woken.notify();
    },
    flush() {
      flushing = true;
      if (failures === 0) woken.notify();
    },
    abandon,
    idle: () => running ?? Promise.resolve(),
    get oldest() {
      return (outstanding[0] ?? waiting[0])?.timestamp;
    },
    get batch() {
      return batchNumber;
    },
  };
}
