/** The port of publishing. */
import type { EventRecord } from "./event_record.ts";
import type { QueueHealth } from "./queue_health.ts";

/**
 * The port through which events leave the program. It is the only thing that a use case knows of a
 * queue.
 *
 * **When `publish` resolves** the queue holds the record as durably as its adapter declares
 * (`log_guarantees.ts`): in this process's memory, on a synced disk, or on the replicas of a
 * cluster. Until then nothing is promised.
 *
 * **When `publish` rejects** it rejects with a `QueueError` (`queue_error.ts`), never with anything
 * else and never by throwing before it has returned a promise. With `outcome_unknown`, `timeout`
 * and `aborted` the record may stand in the topic all the same; with every other code it does not.
 *
 * **Order.** The order of calls is the order of records, per key, through failures. An adapter that
 * gives a record up rejects every record of that partition which it still holds, in order, before
 * it sends anything newer; the caller who wants order publishes again from the first that was
 * rejected. Order means the order of first occurrences of an event: publishing again may leave a
 * record in the topic twice.
 *
 * **One record a call.** Batching, lingering and retrying are the adapter's affair; callers publish
 * concurrently and as fast as they like. The adapter bounds what it holds, in bytes, and rejects
 * with `full` beyond that: it never grows without limit and never makes a caller wait for room.
 *
 * **Checks.** A record that no queue could take is rejected with `invalid_record`
 * (`validate_record.ts`, the same rules for every adapter); one that is over the topic's limit with
 * `too_large`, with its size and the limit in the message. Neither disturbs its neighbours.
 *
 * **Topics.** Only publishers create topics, and only where the adapter was opened with the policy
 * `ensure`; otherwise publishing to a topic that does not exist rejects with `unknown_topic`.
 *
 * **Closing** (`Symbol.asyncDispose`) stops taking records (`publish` then rejects with `closed`),
 * waits for those it holds up to the adapter's own deadline, and rejects what is left, in order.
 * Nothing accepted is lost by it. It may be called any number of times, also while other calls are
 * blocked; every call resolves when the first has finished, and none rejects.
 *
 * **Health** is what was last seen, and is looked at again in the background, so that asking costs
 * nothing: it changes within seconds of the queue's state, in both directions, whether records are
 * published or not.
 */
export interface EventQueue extends AsyncDisposable {
  /**
   * Publishes one record. Aborting `signal` rejects with `aborted` at once, though the record may
   * stand or yet come to stand.
   *
   * @throws {QueueError} by rejection, as the port's text says.
   */
  publish(topic: string, record: EventRecord, options?: PublishOptions): Promise<DeliveryReport>;
  /**
   * Whether records are taken. Answers at once, whatever state the queue is in, and never throws;
   * closed, it says so.
   */
  health(): QueueHealth;
}

/** How a record is published. */
export interface PublishOptions {
  /** Ends waiting for the report; the record may stand all the same. */
  readonly signal?: AbortSignal;
}

/** Where a record came to stand: reading that partition at that offset gives the record back. */
export interface DeliveryReport {
  /** As it was given. */
  readonly topic: string;
  /** From 0 on. */
  readonly partition: number;
  /** From 0 on, growing, never given twice in a partition. */
  readonly offset: bigint;
  /** The record's own, or the one that the adapter gave it; milliseconds since the epoch. */
  readonly timestamp: number;
}

/** What a publisher does about a topic that does not exist. */
export type TopicPolicy =
  /** Makes it. */
  | "ensure"
  /**
   * Reports it missing from the start on (`health`); publishing to it rejects with `unknown_topic`.
   */
  | "validate"
  /**
   * Does not look before somebody publishes to it; publishing to it rejects with `unknown_topic`.
   */
  | "never";
