/**
 * The publisher's side of one topic: chooses partitions, and holds what came before they were
 * known.
 */
import { backoffMs, pause } from "../../../../src/ports/clock.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import { explained } from "../driver/advice.ts";
import { betweenAttempts } from "../driver/deadline.ts";
import { partitionOfKey } from "../wire/key_partition.ts";
import { giveUp, type HeldRecord } from "./held_record.ts";
import {
  createPartitionSender,
  type PartitionSender,
  type PartitionSenderOptions,
} from "./partition_sender.ts";

export interface TopicIntake {
  add(held: HeldRecord): void;
  flush(): void;
  abandon(code: QueueErrorCode, message: string): void;
  idle(): Promise<void>;
  /** When the oldest that is held was made; infinite where none is. */
  oldest(): number;
}

export interface TopicIntakeOptions extends Omit<PartitionSenderOptions, "partition"> {
  readonly leaders: TopicLeaders;
}

export function createTopicIntake(options: TopicIntakeOptions): TopicIntake {
  const { topic, leaders, deliveries, clock, random, faultOf } = options;
  const senders = new Map<number, PartitionSender>();
  const pending: HeldRecord[] = [];
  let looking: Promise<void> | undefined;
  let leaving = new AbortController();
  /**
   * Where records without a key go until that batch is closed: one full batch costs less than many
   * small ones.
   */
  let sticky: { readonly partition: number; readonly batch: number } | undefined;
  let flushing = false;
  let failures = 0;
  let lastError: unknown;

  function dispatch(held: HeldRecord, count: number): void {
    const { key } = held;
    senderOf(key === null ? stickyPartition(count) : partitionOfKey(key, count)).add(held);
  }

  function stickyPartition(count: number): number {
    if (sticky !== undefined && sticky.partition < count) {
      const { partition, batch } = sticky;
      if (senderOf(partition).batch === batch) return partition;
    }
    const partition = Math.floor(random() * count);
    sticky = { partition, batch: senderOf(partition).batch };
    return partition;
  }

  function senderOf(partition: number): PartitionSender {
    let sender = senders.get(partition);
    if (sender === undefined) {
      sender = createPartitionSender({ ...options, partition });
      if (flushing) sender.flush();
      senders.set(partition, sender);
    }
    return sender;
  }

  async function look(): Promise<void> {
    while (pending.length > 0) {
      try {
        const count = (await leaders.of(topic)).size;
        failures = 0;
        lastError = undefined;
        for (const held of pending.splice(0)) dispatch(held, count);
      } catch (error) {
        failures++;
        lastError = error;
        const fault = faultOf(error);
        deliveries.failed(topic, fault, error);
        const wait = pause(clock, backoffMs(failures, betweenAttempts, random), leaving.signal);
        if (error instanceof QueueError) reject(error.code, error.message, error);
        else if (fault === "unauthorized") {
          // Waits first: a caller that publishes again at once must not make a connection each
          // time.
          await wait;
          const told = explained(error, fault, `write to topic "${topic}"`);
          reject(told.code, told.message, error);
        } else await wait;
      }
    }
    looking = undefined;
  }

  function reject(code: QueueErrorCode, message: string, cause = lastError): void {
    for (const held of pending.splice(0)) giveUp(held, code, message, cause);
    leaving.abort();
    leaving = new AbortController();
  }

  function armDeadline(held: HeldRecord): () => void {
    return clock.after(held.deadlineAt - clock.now(), () => {
      if (pending.includes(held)) {
        reject("timeout", `Partitions of topic "${topic}" were not to be had in time`);
      }
    });
  }

  function wait(held: HeldRecord): void {
    pending.push(held);
    // The first is due first, and all of them go with it.
    if (pending.length === 1) {
      const cancel = armDeadline(held);
      void lookUp().finally(cancel);
    }
  }

  const lookUp = (): Promise<void> => looking ??= look();

  return {
    add(held) {
      const count = leaders.partitionCount(topic);
      // Behind those that wait, so that the order of calls is kept.
      if (count === undefined || pending.length > 0) wait(held);
      else dispatch(held, count);
    },
    flush() {
      flushing = true;
      for (const sender of senders.values()) sender.flush();
    },
    abandon(code, message) {
      reject(code, message);
      for (const sender of senders.values()) sender.abandon(code, message);
    },
    oldest: () =>
      Math.min(
        pending[0]?.timestamp ?? Infinity,
        ...[...senders.values()].map((sender) => sender.oldest ?? Infinity),
      ),
    async idle() {
      await looking;
      await Promise.all([...senders.values()].map((sender) => sender.idle()));
    },
  };
}
