/**
 * The rule of `RecordBatch.commit`, once for all adapters: batches are committed in any order, and
 * the position passes a batch only when every earlier one is committed in full. One instance for a
 * partition and a member's time with it.
 */
export interface OrderedCommits {
  /**
   * Notes that the records `from` (inclusive) up to `end` (exclusive) were handed out. Calls come
   * in the order of offsets.
   */
  handOut(from: bigint, end: bigint): void;
  /**
   * Notes that everything of the batch that starts at `from`, up to `end` (exclusive), is handled.
   */
  commit(from: bigint, end: bigint): void;
  /** The position that may be stored now; undefined before the first commit takes effect. */
  readonly position: bigint | undefined;
  /** How many batches have been handed out and are not behind the position. */
  readonly outstanding: number;
}

interface OutstandingBatch {
  readonly from: bigint;
  readonly end: bigint;
  /** Exclusive. */
  committed: bigint;
}

/** Starts with nothing handed out. */
export function createOrderedCommits(): OrderedCommits {
  const batches: OutstandingBatch[] = [];
  let position: bigint | undefined;

  return {
    handOut(from, end) {
      batches.push({ from, end, committed: from });
    },
    commit(from, end) {
      const batch = batches.find((candidate) => candidate.from === from);
      if (batch === undefined || end <= batch.committed) return;
      batch.committed = end < batch.end ? end : batch.end;
      let first = batches[0];
      while (first !== undefined && first.committed > first.from) {
        position = first.committed;
        if (first.committed < first.end) return;
        batches.shift();
        first = batches[0];
      }
    },
    get position() {
      return position;
    },
    get outstanding() {
      return batches.length;
    },
  };
}
