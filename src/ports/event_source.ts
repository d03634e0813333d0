/** The port of reading. */
import type { StoredRecord } from "./event_record.ts";

/**
 * The port through which events are read. A log is this port and `EventQueue` at once.
 *
 * **Positions are exclusive everywhere**: a group's position and a partition's end are the offset
 * of the next record, never of the last one.
 *
 * **Without a group** a subscription stores nothing and pins nothing: it starts at `from`, and no
 * other reader can tell that it was there; its `commit` rejects with `unsupported`. **With a
 * group** it continues at the group's position; where the group has none in a partition, it starts
 * at `from`. Groups are independent of each other. How the members of one group divide the work
 * (they share partitions, or one is active while the others stand by) is declared by the adapter. A
 * group that is left (return, abort, close) is taken over at once by another member.
 *
 * **Order.** Batches of a partition come in order, records in a batch too, every record from the
 * starting position on exactly once to a member that keeps its partition. The next batch of a
 * partition may come before the last one is committed. After a member is lost, its successor starts
 * at the committed position: at least once.
 *
 * **"latest" is the end at the time of the call to `subscribe`**: `ready` resolves when all
 * starting positions are fixed, and a record published after that is received. With a group,
 * positions resolved from `from` are committed before the first batch is handed out, because
 * otherwise a rebalance would resolve them again, later, and skip what came between.
 *
 * **An offset** counts in each partition for itself: with several, each is read from that number
 * on. One before the oldest record means the oldest, one past the end the end, as "latest" does; a
 * gap is passed. **A time** means, in each partition, the first record that the log took at that
 * time or later, the end where there is none yet. The time at which a log takes records does not go
 * back, and is never before a `timestamp` that the log has given. A log that does not keep it
 * (Kafka, unless the topic is configured otherwise) goes by the `timestamp` of the records, which
 * is the same thing unless a publisher sets it.
 *
 * **Ending.** A subscription ends normally when `signal` is aborted, also while it waits for the
 * next record; when the consumer of the iterable leaves its loop; and, with `until: "end"`, when
 * every partition has been read up to the end that it had at the time of the call, immediately
 * where there is nothing before it. It ends with a `QueueError` where reading cannot go on:
 * `unknown_topic` (consumers never create topics), `unauthorized`, `corrupt`, `closed` when the log
 * is closed under it. A broker that is away is not such a case: the subscription waits and goes on.
 * A subscription may be iterated once. An error is thrown by `ready` and by the iterable; not
 * awaiting `ready` is allowed.
 */
export interface EventSource extends AsyncDisposable {
  /**
   * Does not throw: faults come by `ready` and the iterable. Reading begins with the call, not with
   * the first iteration.
   */
  subscribe(topic: string, options?: SubscribeOptions): Subscription;
}

/**
 * Its oldest record, its end, an offset from 0 on, or a time in whole milliseconds since the epoch;
 * see `EventSource`.
 */
export type StartFrom = "earliest" | "latest" | { readonly offset: bigint } | {
  readonly time: number;
};

/** How a topic is read. */
export interface SubscribeOptions {
  /** 1 to 249 of the characters a-z A-Z 0-9 . _ - ; default: none. */
  readonly group?: string;
  /** Where to start without a committed position. Default: `"latest"`. */
  readonly from?: StartFrom;
  /** Default: goes on for ever. */
  readonly until?: "end";
  /** The most records of one batch, from 1 on. Default: 500. */
  readonly maxRecords?: number;
  /** Aborting ends the subscription normally. */
  readonly signal?: AbortSignal;
  /**
   * Is told where reading begins, by partition, as soon as that is known and again when it changes.
   * Empty: a member of a group that has nothing to read yet, because other members have it all.
   */
  readonly onPlace?: (positions: ReadonlyMap<number, bigint>) => void;
}

/** The batches of a topic, to be iterated once. */
export interface Subscription extends AsyncIterable<RecordBatch> {
  /** Resolves when all starting positions are fixed. */
  readonly ready: Promise<void>;
}

/** Records of one partition, in order; at least one. */
export interface RecordBatch {
  /** The topic that was subscribed to. */
  readonly topic: string;
  /** From 0 on. */
  readonly partition: number;
  /** Not empty, offsets growing. */
  readonly records: readonly StoredRecord[];
  /** The partition's end when the batch was read: the reader's lag is `end` less its position. */
  readonly end: bigint;
  /**
   * Commits this batch for the group, through the record at `through` (default: the batch's last).
   * Durable when it resolves, as far as the adapter is durable at all.
   *
   * **It takes effect only once all earlier batches of the partition are committed in full**:
   * batches may be committed in any order, and the group's position never passes a record that
   * nobody has handled. Such a commit resolves at once and is stored with the one that it waits
   * for. Committing again, or less far than before, changes nothing.
   *
   * @throws {QueueError} by rejection: `revoked` where the member has lost the partition since the
   *   batch was handed out (the records will be read again by another), `unsupported` without a
   *   group, `closed`, `unavailable`, `timeout`; with the last two the commit may stand and may be
   *   repeated. `invalid_record` where `through` is not an offset of the batch.
   */
  commit(through?: bigint, outcome?: CommitOutcome): Promise<void>;
}

/** What became of the records of a batch, where their group did more than handle them. */
export interface CommitOutcome {
  /**
   * Offsets of this batch whose records went to the dead letters; default: none. All others count
   * as delivered. A log that keeps a ledger counts each record once, when the position passes it;
   * others keep positions only.
   */
  readonly deadLettered?: readonly bigint[];
}
