/** What a log in files may be told. */
import type { Clock } from "../../../src/ports/clock.ts";
import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import type { Disk } from "./disk/disk.ts";

export interface FileLogOptions {
  /** Made where it does not exist. Each topic is a folder in it. */
  readonly directory: string;
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /** Topics to make, or to report where they are missing, when the log is opened. Default: none. */
  readonly topics?: readonly string[];
  /**
   * The length of a segment, in bytes; a larger batch makes a longer one. Default: 64 MiB, and
   * always at most a quarter of `maxBytes`, because segments are taken away whole.
   */
  readonly segmentBytes?: number;
  /** How large a topic becomes: beyond it, its oldest segments are taken away. Default: 10 GiB. */
  readonly maxBytes?: number;
  /**
   * How old the newest record of a segment becomes before the segment is taken away. Default: 7
   * days.
   */
  readonly maxAgeMs?: number;
  /**
   * The same for what all required groups have read, so that they can be set back for so long.
   * Default: 24 hours.
   */
  readonly keepDeliveredMs?: number;
  /**
   * Groups without which nothing is done: what they have not read is never too old, and at
   * `maxBytes` new records are refused (`full`) until they have read on. One that has committed
   * nothing has read nothing. It is written into the log when this one opens it: other processes
   * keep the records, too, and later ones, until an operator gives the group up. Default: none.
   */
  readonly requiredGroups?: readonly string[];
  /**
   * Drops at `maxBytes` what a required group has not read, instead. The group counts it as
   * dropped. Default: false.
   */
  readonly retainPastGroups?: boolean;
  /**
   * Below so much free space on the disk new records are refused (`full`), until there is more;
   * what all required groups have read goes first. Default: 64 MiB; 0 asks nobody. Without the
   * permission `sys=statfs` it has no effect.
   */
  readonly reserveBytes?: number;
  /**
   * Topics that may use what `reserveBytes` keeps free: dead letters, without which a group does
   * not come to commit what would make space. They are made whatever `topicPolicy` says, as nobody
   * else could make them. Default: none.
   */
  readonly reservedTopics?: readonly string[];
  /** The largest record. Default: 1,000,000 bytes, below what a Kafka topic takes by default. */
  readonly maxRecordBytes?: number;
  /**
   * How much a topic holds that is not on the disk yet; beyond it, `publish` rejects with `full`.
   * Default: 32 MiB.
   */
  readonly maxPendingBytes?: number;
  /**
   * How long a batch waits while another process holds the topic's lock. Default: 5,000 ms: whoever
   * cannot wait stops waiting and leaves the record here, but to give it up early would lose it.
   */
  readonly acceptBudgetMs?: number;
  /**
   * What readers do where accepted records cannot be read any more. Default: false: they end with
   * `corrupt`, until the log is repaired. With true they go on behind, and groups count what is
   * lost as dropped.
   */
  readonly skipCorrupt?: boolean;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
  /**
   * Milliseconds that pass, whatever is done to the clock, for retention by age. Default:
   * `performance.now`.
   */
  readonly elapsedMs?: () => number;
  readonly disk?: Disk;
  /** 16 bytes that no other log has. Default: random ones. */
  readonly newLogId?: () => Uint8Array;
}
