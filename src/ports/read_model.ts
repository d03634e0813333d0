/** The port of what consumers keep: what all read models share. */
import type { FoundBooks, SearchedEvent } from "../domain/searched_event.ts";

export type { FoundBooks, SearchedEvent };

/**
 * What a consumer keeps of the events that it has consumed. Every promise rejects with a
 * `StoreError` and with nothing else, and never because of data: what can be in a `SearchedEvent`
 * can be stored. A call that was rejected may be repeated, also where it had taken effect.
 *
 * **A batch is one durable transaction**: effects, the keys of the events, and the position, all or
 * none. So an event has its effects once, however often and from wherever it comes.
 *
 * **A key is kept until the horizon passes its event's hour** (`searchedAt`, in whole hours since
 * the epoch). An event from before the horizon is passed over, as nobody can tell any more whether
 * it had its effects. The horizon never goes back, but by `clear`.
 *
 * **The position is the read model's own truth**: all records of the partition before it have had
 * their effects here. It says more than a group's commit: where a database was restored from an
 * older copy, emptied, or deleted, the position is behind the records that the group goes on with.
 * So each batch says where it goes on from, and one that would leave a gap is not applied.
 *
 * Several processes may apply to one read model at once.
 */
export interface ReadModel {
  /** See above. Resolves when it is durable. */
  apply(batch: ConsumedBatch): Promise<ApplyOutcome>;
  /** Of all topics and partitions that batches were applied of, and `clear` has not taken away. */
  positions(): Promise<readonly ConsumedPosition[]>;
  /**
   * Takes away what can decay no further and what there is too much of, as the store was opened to,
   * a bounded part of it at each call.
   *
   * @param nowMs The time, milliseconds since the epoch.
   * @returns How many rows. As long as that is not 0 there may be more.
   */
  prune(nowMs: number): Promise<number>;
  /**
   * Takes everything away, durably, as if nothing had ever been consumed: effects, keys, positions
   * and horizon. Who asked to be forgotten stays forgotten.
   */
  clear(): Promise<void>;
}

/** What was read of a partition in one go, decoded. */
export interface ConsumedBatch {
  /** Where it was read. */
  readonly topic: string;
  /** From 0 on. */
  readonly partition: number;
  /** All records before it have been applied or passed over, as far as the caller knows. */
  readonly from: bigint;
  /** The position behind it, from `from` on. */
  readonly next: bigint;
  /**
   * The `timestamp` of the record at `next − 1`, milliseconds since the epoch; absent where that is
   * not known.
   */
  readonly lastTimestamp?: number;
  /** In order; none where all records of the batch were for somebody else, or unreadable. */
  readonly events: readonly SearchedEvent[];
  /**
   * In hours since the epoch: keys from before it are not needed any more, because no such event
   * comes for the first time. Absent: the horizon stays.
   */
  readonly horizonHour?: number;
  /**
   * The topic is another one of the same name: its position begins anew with this batch, whatever
   * was stored. Default: false.
   */
  readonly isOtherTopic?: boolean;
}

/** What became of a batch. */
export type ApplyOutcome =
  | {
    readonly status: "applied";
    /** Events that had not been consumed before. */
    readonly applied: number;
    /** Events that had their effects before. */
    readonly repeated: number;
    /** Events from before the horizon: passed over. */
    readonly tooOld: number;
  }
  /**
   * Nothing was changed: the position is before the batch's `from`, and what is between has not
   * been consumed here. A partition without a position is at 0.
   */
  | { readonly status: "gap"; readonly position: bigint };

/** How far a partition has been consumed. */
export interface ConsumedPosition {
  /** Where it was read. */
  readonly topic: string;
  /** From 0 on. */
  readonly partition: number;
  /** The offset of the next record: exclusive, as everywhere. */
  readonly position: bigint;
  /** Of the batch that set it: by it another topic of the same name is told from this one. */
  readonly lastTimestamp?: number;
}

/** Which read model a row is of, where several share a table. */
export const readModelNumbers = { trends: 1, interests: 2 } as const;

/** Names of the read models, which are those of their consumers. */
export type ReadModelName = keyof typeof readModelNumbers;
