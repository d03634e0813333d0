/**
 * One partition for as long as this reader has it without a break: what is fetched, handed out and
 * committed of it.
 */
import { createOrderedCommits } from "../../../../src/ports/ordered_commits.ts";
import type { StoredRecord } from "../wire/batch_format.ts";
import type { FetchedPartition } from "../wire/fetch_answer.ts";

export interface Tenure {
  readonly partition: number;
  /** Of the topic that its positions are of. */
  readonly topicId: string | undefined;
  /** What to fetch next. */
  readonly position: bigint;
  /** As of the last fetch. */
  readonly end: bigint;
  /** Records to hand out. */
  readonly waiting: number;
  /** Whether more may be fetched before some is handed out. */
  readonly hasRoom: boolean;
  /** Read up to where the subscription is to stop, and all handed out. */
  readonly isDone: boolean;
  readonly order: ReturnType<typeof createOrderedCommits>;
  /** What the group's position is known to be. */
  stored: bigint;
  /** Somebody else has the partition now, or nobody. */
  revoked: boolean;
  /** Takes what was fetched from `position` on. */
  fill(fetched: FetchedPartition, alone: boolean): void;
  /** Forgets what is not handed out, and goes on elsewhere. */
  jump(position: bigint): void;
  take(maxRecords: number): HandedOut;
}

export interface HandedOut {
  readonly records: readonly StoredRecord[];
  /** Where a commit of all of them leads: beyond control records too. */
  readonly next: bigint;
}

/**
 * Empty reads at a place that should hold records, before it is taken for a batch that compaction
 * has emptied.
 */
const emptyReadsOfGap = 3;

export function createTenure(
  partition: number,
  start: bigint,
  stopAt: bigint | undefined,
  maxRecords: number,
  topicId?: string,
): Tenure {
  let buffer: readonly StoredRecord[] = [];
  let position = start;
  let end = start;
  let emptyReads = 0;
  const order = createOrderedCommits();
  const isReadOut = (): boolean => stopAt !== undefined && position >= stopAt;

  return {
    partition,
    topicId,
    order,
    stored: start,
    revoked: false,
    get position() {
      return position;
    },
    get end() {
      return end;
    },
    get waiting() {
      return buffer.length;
    },
    get hasRoom() {
      return buffer.length < Math.min(maxRecords, 500) && !isReadOut();
    },
    get isDone() {
      return isReadOut() && buffer.length === 0;
    },
    fill(fetched, alone) {
      end = fetched.end;
      const found = stopAt === undefined
        ? fetched.records
        : fetched.records.filter((record) => record.offset < stopAt);
      buffer = [...buffer, ...found];
      if (fetched.next !== undefined && fetched.next > position) position = fetched.next;
      else if (alone && position < end && ++emptyReads >= emptyReadsOfGap) position++;
      else return;
      emptyReads = 0;
    },
    jump(to) {
      buffer = [];
      position = to;
    },
    take(most) {
      const records = buffer.slice(0, most);
      buffer = buffer.slice(most);
      // What was fetched from `stopAt` on is left to the next reader.
      const read = stopAt !== undefined && position > stopAt ? stopAt : position;
      const next = buffer[0]?.offset ?? read;
      order.handOut(records[0]!.offset, next);
      return { records, next };
    },
  };
}
