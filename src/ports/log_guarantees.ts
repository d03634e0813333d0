/**
 * What an adapter guarantees, as data. The contract suite is driven by it (a law outside an
 * adapter's declaration is listed with the reason, not run), and the README's table is made from
 * it. A difference between queues stands here or nowhere: neither programs nor tests ask which
 * queue it is.
 */
export interface LogGuarantees {
  /** What holds a record when `publish` has resolved. */
  readonly durable: "process memory" | "synced disk" | "cluster replicas";
  /**
   * Whether accepted records and committed positions are there after the process has ended, however
   * it ended.
   */
  readonly survivesRestart: boolean;
  /**
   * `topic`: one order for all records of a topic. `key`: records with equal keys keep their order,
   * others may not.
   */
  readonly order: "topic" | "key";
  /** Whether a topic can have more than one partition. */
  readonly partitions: "one" | "many";
  /** Whether other processes can publish to and read from the same log at the same time. */
  readonly processes: "one" | "many";
  /**
   * Members of a group divide the partitions, or one is active and the others wait for its place.
   */
  readonly groupMembers: "share" | "stand by";
  /**
   * Whether records can be read again after a group has committed them, until retention removes
   * them.
   */
  readonly replay: boolean;
  /** The largest record (key, value, headers) that it takes with default settings, in bytes. */
  readonly maxRecordBytes: number;
  /** What an operator must provide, in a few words, for the README. */
  readonly needs: string;
}
