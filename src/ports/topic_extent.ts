/** A part of a topic that is there to be read. */
export interface PartitionExtent {
  /** From 0 on. */
  readonly partition: number;
  /**
   * The offset of the oldest record; above 0, older ones were taken away by the topic's retention.
   */
  readonly begin: bigint;
  /** The offset of the next record, as far as records may be read. */
  readonly end: bigint;
  /** So many offsets behind the end nobody may read yet: somebody's transaction is open. */
  readonly heldBack?: bigint;
  /** Older records of a key are taken away when there is a newer one. */
  readonly isCompacted?: boolean;
  /** Records older than this are taken away; absent: they are not, or nobody says. */
  readonly retentionMs?: number;
  /** The oldest are taken away where there are more bytes; absent as above. */
  readonly retentionBytes?: number;
  /** Records have the time at which they came, and not the one that they were given. */
  readonly givesTimes?: boolean;
}

/**
 * Where the partitions of a topic begin and end now: a port for audits, which one adapter serves,
 * Kafka. Asks once and does not try again, so that an operator hears what is wrong.
 *
 * @throws {QueueError} by rejection: `unavailable`, `timeout`, `unknown_topic`, `unauthorized`.
 */
export type ReadTopicExtent = (topic: string) => Promise<readonly PartitionExtent[]>;
