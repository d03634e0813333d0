/** The commits of a `PullReader`: checked, put in order, and counted once, whoever repeats them. */
import type { StoredRecord } from "./event_record.ts";
import type { CommitOutcome } from "./event_source.ts";
import { createOrderedCommits } from "./ordered_commits.ts";
import { QueueError } from "./queue_error.ts";
import { validateCommit } from "./subscription_rules.ts";

/** What the position of a group has passed since its reader was opened; only grows. */
export interface PassedRecords {
  /** All records. */
  readonly records: number;
  /** Those of them that went to the dead letters. */
  readonly deadLettered: number;
}

/** The commits of one reader. */
export interface PullCommits {
  /** Notes a batch; calls come in the order of offsets. */
  handOut(records: readonly StoredRecord[]): void;
  /** As `RecordBatch.commit`, for the batch from `from` to `last`, both inclusive. */
  commit(from: bigint, last: bigint, through: bigint, outcome?: CommitOutcome): Promise<void>;
}

/** How a group's position is stored. */
export type StorePosition = (position: bigint, passed: PassedRecords) => Promise<void>;

/**
 * Starts with nothing handed out.
 *
 * @param store Absent: there is no group.
 */
export function createPullCommits(
  topic: string,
  store: StorePosition | undefined,
  hasLeft: () => boolean,
): PullCommits {
  const order = createOrderedCommits();
  const deadLettered = new Set<bigint>();
  /** The offsets of what was handed out and not passed. */
  let ahead: (readonly bigint[])[] = [];
  let passed: PassedRecords = { records: 0, deadLettered: 0 };
  let counted = 0n;
  let stored = -1n;

  function countUpTo(position: bigint): void {
    const behind: bigint[] = [];
    while (ahead[0] !== undefined && ahead[0][0]! < position) {
      const [batch, ...others] = ahead;
      behind.push(...batch!.filter((offset) => offset >= counted && offset < position));
      if (batch!.at(-1)! >= position) break;
      ahead = others;
    }
    counted = position;
    passed = {
      records: passed.records + behind.length,
      deadLettered: passed.deadLettered + behind.filter((o) => deadLettered.delete(o)).length,
    };
  }

  return {
    handOut(records) {
      const [first, last] = [records[0], records.at(-1)];
      if (store === undefined || first === undefined || last === undefined) return;
      order.handOut(first.offset, last.offset + 1n);
      ahead.push(records.map(({ offset }) => offset));
    },
    async commit(from, last, through, outcome) {
      validateCommit(store !== undefined, through, from, last);
      if (hasLeft()) {
        throw new QueueError("revoked", `Member has left topic "${topic}", so it cannot commit`);
      }
      for (const offset of outcome?.deadLettered ?? []) deadLettered.add(offset);
      order.commit(from, through + 1n);
      const { position } = order;
      // Compared with what is stored, not with the last call: a commit that failed may be repeated.
      if (position === undefined || position <= stored) return;
      if (position > counted) countUpTo(position);
      await store?.(position, passed);
      if (position > stored) stored = position;
    },
  };
}
