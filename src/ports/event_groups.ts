/** The port of groups: what operators look at, and where a group is set back or ahead. */
import type { StartFrom } from "./event_source.ts";

/**
 * The port for operators of groups: which there are, where they stand, and setting one back. It is
 * a part of every log, beside its two ends, because only the log knows its groups.
 *
 * **Every group is listed**, whoever made it: also those of other programs, and on a log that has
 * them those that are no consumers at all (`kind`).
 *
 * **Looking changes nothing**: it joins no group, moves no position and keeps nobody from joining.
 * What is seen may have changed by the time it is read; a group that is gone meanwhile is
 * `unknown_group`.
 *
 * **Positions are exclusive everywhere**: the offset of the next record that the group gets. Its
 * lag is the number of offsets from there to the partition's end; where offsets have gaps there are
 * fewer records. A position before the oldest record that is left begins with that record, so what
 * retention took away is no lag.
 *
 * **Reset moves a group in one topic**, in all of the topic's partitions, by the rules of
 * `StartFrom` as `EventSource` has them: an offset counts in each partition for itself and is
 * brought between the oldest record and the end, a time means the first record that the log took at
 * that time or later. The next member goes on there, wherever it said that it wants to start. What
 * the group has handled before is handled again, or passed for good: whether that does harm is the
 * affair of its consumers.
 *
 * **Only a group that nobody reads for can be moved**: with an active member a reset is
 * `group_active`, and nothing has changed. Moving is durable when it resolves, as far as the
 * adapter is durable at all. With several partitions it may fail half-way, and be repeated.
 *
 * **Nothing is moved unless it is asked for**: without `execute` the answer says what would be
 * done, also of a group that is active.
 */
export interface EventGroups {
  /**
   * All groups, sorted by name.
   *
   * @throws {QueueError} by rejection: `closed`, `unavailable`, `timeout`, `unauthorized`.
   */
  list(): Promise<readonly ListedGroup[]>;
  /**
   * One group and where it stands, in all topics that it has a position or a member in.
   *
   * @throws {QueueError} by rejection: `unknown_group`, also where no group can have that name, and
   *   those of `list`.
   */
  describe(group: string): Promise<DescribedGroup>;
  /**
   * Moves a group in a topic, or says where it would be moved.
   *
   * @throws {QueueError} by rejection: `group_active`, `unknown_topic`, `unknown_group` where the
   *   group has no position in the topic, `invalid_record` where `topic` or `to` is none,
   *   `unsupported` where the group's members are no consumers, and those of `list`.
   */
  reset(
    group: string,
    topic: string,
    to: StartFrom,
    options?: ResetOptions,
  ): Promise<readonly PositionReset[]>;
}

/** A group, by its name. */
export interface ListedGroup {
  /** The group's name. */
  readonly group: string;
  /**
   * What its members are, in the log's own word: `consumer`, or what other programs call theirs
   * (`connect`). Empty: nobody has said.
   */
  readonly kind: string;
}

/** A group, and where it stands. */
export interface DescribedGroup extends ListedGroup {
  /** Whether a member reads for it, or may begin to at once; absent where the log does not tell. */
  readonly isActive?: boolean;
  /**
   * How its members divide the partitions, in the log's own word: only members that agree on it can
   * be in one group. Absent where they do not, or nobody says.
   */
  readonly division?: string;
  /** Sorted by topic and partition. */
  readonly positions: readonly GroupPosition[];
}

/** A group's place in one partition. */
export interface GroupPosition {
  /** The topic's name. */
  readonly topic: string;
  /** From 0 on. */
  readonly partition: number;
  /**
   * The offset of the next record that it gets. Absent: a member has it, and none is stored yet.
   */
  readonly position?: bigint;
  /** The offset of the partition's next record; absent: the topic is gone, or does not answer. */
  readonly end?: bigint;
  /** Offsets that are still to come; absent where position or end are, or `isOfAnother`. */
  readonly lag?: bigint;
  /** The timestamp of the oldest record that is still to come; absent: there is none. */
  readonly waitingSince?: number;
  /** Who reads it, for people; absent: nobody. */
  readonly holder?: string;
  /**
   * The position is one of a topic that had this name before: a member of ours begins anew with the
   * oldest record, others may pass over the first ones.
   */
  readonly isOfAnother?: true;
}

/** Whether a reset is done. */
export interface ResetOptions {
  /** Default: false, nothing is moved. */
  readonly execute?: boolean;
}

/** What a reset does in a partition. */
export interface PositionReset {
  /** From 0 on. */
  readonly partition: number;
  /** Where the group stands; absent: nowhere yet. */
  readonly before?: bigint;
  /** Where it stands then. */
  readonly after: bigint;
  /** The partition's end now. */
  readonly end: bigint;
}
