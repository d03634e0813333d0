import type { RecordBatch } from "../../src/ports/event_source.ts";

/** A batch as it is read, for tests: so many records, by default up to the end of partition 0. */
export function readBatch(
  { partition = 0, from = 0, records = 1, end = from + records, bytes = 1 }: {
    readonly partition?: number;
    readonly from?: number;
    readonly records?: number;
    readonly end?: number;
    /** Of each value. */
    readonly bytes?: number;
  },
): RecordBatch {
  return {
    topic: "t",
    partition,
    records: Array.from({ length: records }, (_, index) => ({
      offset: BigInt(from + index),
      key: null,
      value: new Uint8Array(bytes),
      headers: [],
      timestamp: 0,
    })),
    end: BigInt(end),
    commit: () => Promise.resolve(),
  };
}
