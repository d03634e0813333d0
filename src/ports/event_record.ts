/**
 * A header: a name and bytes, or none: `null` is not the same as no bytes. Headers are an ordered
 * list in which a name may stand several times.
 */
export type RecordHeader = readonly [name: string, value: Uint8Array | null];

/**
 * An event as it is given to a topic: bytes that no queue interprets.
 *
 * A publisher may reuse nothing of a record until `publish` has settled: adapters keep the arrays,
 * they do not copy them.
 */
export interface EventRecord {
  /**
   * Records with equal keys stay in order. Text stands for its UTF-8 bytes. No key is not the same
   * as an empty key: without one, an adapter with several partitions may put the record on any.
   */
  readonly key?: string | Uint8Array;
  /** `null` is a tombstone, which is not the same as no bytes. */
  readonly value: Uint8Array | null;
  /** Default: none. Names are 1 to 249 UTF-8 bytes; values are bytes, possibly none, or `null`. */
  readonly headers?: readonly RecordHeader[];
  /**
   * Milliseconds since the epoch, a whole number from 0 on. Default: the time at which the adapter
   * takes the record.
   */
  readonly timestamp?: number;
}

/** A record as a topic holds it. */
export interface StoredRecord {
  /** `null` where the record was published without a key. */
  readonly key: Uint8Array | null;
  /** `null` is a tombstone. */
  readonly value: Uint8Array | null;
  /** In the order of publishing. */
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The same where a number does not hold it exactly: other programs may write any 64 bits. */
  readonly exactTimestamp?: bigint;
  /**
   * The record's place in its partition, from 0 on. Offsets grow, may have gaps, and are never
   * given twice.
   */
  readonly offset: bigint;
}

/** What keys and values of records have together, without headers. */
export function contentBytes(
  records: readonly Pick<StoredRecord, "key" | "value">[],
): number {
  return records.reduce(
    (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
    0,
  );
}
