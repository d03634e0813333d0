/** The port of operators. */
import type { EventSource } from "./event_source.ts";

/**
 * The port for operators of a log that is kept in files: what is in it, whether it is whole, and
 * mending it. All of it works on a log that is in use and on one that nobody has open; only
 * `repair`, `release` and `copy` write.
 *
 * Positions are exclusive, times are milliseconds since the epoch. Everything rejects with a
 * `QueueError`.
 */
export interface LogTools {
  /** The topics of the log, sorted. */
  topics(): Promise<readonly string[]>;
  /**
   * What else stands in the log's directory, sorted by name: it keeps nobody from seeing the
   * topics.
   */
  passedOver(): Promise<readonly PassedOver[]>;
  /** What a topic consists of, as far as its headers tell: records are not read. */
  inspect(topic: string): Promise<TopicInspection>;
  /** Reads everything and judges it. */
  verify(topic: string): Promise<TopicVerdict>;
  /** Mends what `verify` finds damaged, or says what it would do. */
  repair(topic: string, options: RepairOptions): Promise<RepairReport>;
  /**
   * Copies what is durable of a topic into a folder, where it is a topic of a log that was closed;
   * writers and readers go on meanwhile. No group is ahead of the records in the copy.
   *
   * @param directory Of the log that the copy is of; it is made, and the topic's folder in it.
   */
  copy(topic: string, directory: string): Promise<TopicCopy>;
  /**
   * Gives a required group up, or says what that would do: what it has not read may be taken away
   * from then on, with age or for its size, and is counted as dropped for it. A process that
   * requires the group requires it anew when it opens the log the next time.
   *
   * @throws {QueueError} `group_active`: somebody reads as the group.
   */
  release(topic: string, group: string, options: ReleaseOptions): Promise<ReleaseReport>;
  /**
   * Opens the log for reading, with no means to change it; a `group` is refused.
   *
   * @param options.skipCorrupt Goes on behind what is damaged. Default: false, ends with `corrupt`.
   */
  openForReading(options?: { readonly skipCorrupt?: boolean }): Promise<EventSource>;
}

/** What was copied of a topic. */
export interface TopicCopy {
  /** The topic's name. */
  readonly topic: string;
  /** The offset of the next record. */
  readonly next: bigint;
  /** Of the segments. */
  readonly bytes: number;
  /** How many groups there are. */
  readonly groups: number;
}

/** What stands among the topics and is not taken for one. */
export interface PassedOver {
  /** The name in the directory. */
  readonly name: string;
  /** The path. */
  readonly path: string;
  /** True: it cannot be looked into, or has parts of a topic; records may be in it. */
  readonly mayBeTopic: boolean;
  /** In words. */
  readonly why: string;
}

/** What a topic consists of. */
export interface TopicInspection {
  /** The topic's name. */
  readonly topic: string;
  /** Its folder. */
  readonly path: string;
  /** Hexadecimal. */
  readonly logId: string;
  /** How far it is durable; absent where nothing says so. */
  readonly durable?: DurablePosition;
  /** In the order of offsets. */
  readonly segments: readonly SegmentInspection[];
  /** Sorted by name. */
  readonly groups: readonly GroupInspection[];
}

/** How far a topic is durable. */
export interface DurablePosition {
  /** The offset of the next record. */
  readonly next: bigint;
  /** The records that the topic took, ever. */
  readonly records: bigint;
  /** When the last batch was written. */
  readonly time: number;
}

/** A segment, as its header and its neighbours' describe it. */
export interface SegmentInspection {
  /** The file's name. */
  readonly file: string;
  /** The offset of its first record. */
  readonly base: bigint;
  /** The offset after its last record; absent where nothing says so. */
  readonly next?: bigint;
  /** Bytes that are used; absent where nothing says so. */
  readonly usedBytes?: number;
  /** The file's length: the newest segment is laid out ahead. */
  readonly fileBytes: number;
  /** When it was begun; absent where its header cannot be read. */
  readonly begunAt?: number;
  /** Why it was left: `open` is appended to. */
  readonly state: string;
}

/** A group's position. */
export interface GroupInspection {
  /** The group's name. */
  readonly name: string;
  /** Absent where there is none, or none that can be read. */
  readonly position?: bigint;
  /** How far it is behind the durable end, in offsets. */
  readonly lag?: bigint;
  /**
   * What became of the records before the position, each counted once; absent with the position.
   */
  readonly delivered?: bigint;
  /** Those that went to the dead letters. */
  readonly deadLettered?: bigint;
  /** Those that could not be read any more. */
  readonly dropped?: bigint;
  /**
   * Whether the log keeps for the group what it has not read, whoever writes. `released`: it did,
   * until an operator gave the group up. Absent where that cannot be read: then it is kept.
   */
  readonly hold?: "none" | "required" | "released";
  /** The records that it has not read; absent where nothing says so. */
  readonly unread?: bigint;
  /** Bytes of segments that are kept for it; absent where nothing is. */
  readonly heldBytes?: number;
  /** When the oldest of them was begun. */
  readonly heldSince?: number;
  /** When it was stored last. */
  readonly progressAt?: number;
  /** The process that stored it last. */
  readonly pid?: number;
  /** Whether a member is active. */
  readonly isActive: boolean;
}

/** What is wrong with a topic. */
export interface TopicVerdict {
  /** The topic's name. */
  readonly topic: string;
  /** Bytes that were read and found whole. */
  readonly bytes: number;
  /** Records that are whole. */
  readonly records: bigint;
  /** In the order of offsets; empty: the topic is whole. */
  readonly findings: readonly LogFinding[];
}

/**
 * `corrupt`: what was acknowledged cannot be read. `torn`: what was being written when its writer
 * ended, and never acknowledged; the next writer cuts it. `unsettled`: whole, but its writer ended
 * before it could say so; the next writer keeps it.
 */
export type FindingKind = "corrupt" | "torn" | "unsettled";

/** A place where a topic goes wrong. */
export interface LogFinding {
  /** How bad it is. */
  readonly kind: FindingKind;
  /** The file's name. */
  readonly file: string;
  /** The first bad byte of that file. */
  readonly byte: number;
  /** The offset of the first record that is concerned. */
  readonly offset: bigint;
  /** How many records are lost at most. */
  readonly records: bigint;
  /** The groups that have not read them, sorted. */
  readonly groups: readonly string[];
  /** In words. */
  readonly what: string;
}

/** Whether `repair` writes. */
export interface RepairOptions {
  /** True: nothing is changed. */
  readonly dryRun: boolean;
}

/** Whether `release` writes. */
export interface ReleaseOptions {
  /** True: nothing is changed. */
  readonly dryRun: boolean;
}

/** What giving a group up did, or would do. */
export interface ReleaseReport {
  /** The topic's name. */
  readonly topic: string;
  /** The group's name. */
  readonly group: string;
  /** The group as it was found; absent where the topic has none of that name. */
  readonly found?: GroupInspection;
  /** In words; empty: nothing is kept for the group. */
  readonly steps: readonly string[];
}

/** What a repair did, or would do. */
export interface RepairReport {
  /** The topic's name. */
  readonly topic: string;
  /** In words, in order; empty: there is nothing to mend. */
  readonly steps: readonly string[];
  /** The records that are given up, at most. */
  readonly lost: readonly LogFinding[];
}
