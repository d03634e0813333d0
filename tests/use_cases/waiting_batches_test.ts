import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { RecordBatch } from "../../src/ports/event_source.ts";
import { type BatchesTogether, createWaitingBatches } from "../../src/use_cases/waiting_batches.ts";
import { readBatch } from "./read_batch.ts";

const offsetsOf = ({ parts }: BatchesTogether): readonly number[] =>
  parts.flatMap(({ batch }) => batch.records.map(({ offset }) => Number(offset)));

function waitingOf(mostRecords: number, ...batches: readonly RecordBatch[]) {
  const waiting = createWaitingBatches(mostRecords);
  for (const batch of batches) waiting.add({ batch, events: [], poison: [] });
  return waiting;
}

describe("batches that wait", () => {
  it("of one partition are taken together, in order", () => {
    const waiting = waitingOf(
      10,
      readBatch({ from: 3, records: 2 }),
      readBatch({ from: 7, records: 1 }),
    );
    const together = waiting.take();
    assert.deepEqual(offsetsOf(together), [3, 4, 7]);
    assert.deepEqual([together.first.offset, together.last.offset], [3n, 7n]);
    assert.equal(waiting.isEmpty, true);
  });

  it("of several partitions are taken one partition after the other", () => {
    const waiting = waitingOf(
      10,
      readBatch({ partition: 1, from: 5 }),
      readBatch({ partition: 2, from: 0 }),
      readBatch({ partition: 1, from: 6 }),
    );
    assert.deepEqual(offsetsOf(waiting.take()), [5, 6]);
    assert.equal(waiting.take().partition, 2);
    assert.equal(waiting.isEmpty, true);
  });

  it("are taken apart where a partition begins again from before", () => {
    const waiting = waitingOf(
      10,
      readBatch({ from: 5, records: 3 }),
      readBatch({ from: 6, records: 3 }),
      readBatch({ from: 9 }),
    );
    assert.deepEqual(offsetsOf(waiting.take()), [5, 6, 7]);
    assert.deepEqual(offsetsOf(waiting.take()), [6, 7, 8, 9]);
  });

  it("are full by their number, until they are taken", () => {
    const waiting = waitingOf(3, readBatch({ records: 2 }));
    assert.equal(waiting.isFull, false);
    waiting.add({ batch: readBatch({ from: 2 }), events: [], poison: [] });
    assert.equal(waiting.isFull, true);
    waiting.take();
    assert.equal(waiting.isFull, false);
  });

  it("are full by their bytes, where records are large", () => {
    const waiting = waitingOf(500, readBatch({ records: 2, bytes: 1_000_000 }));
    assert.equal(waiting.isFull, true);
    waiting.take();
    assert.equal(waiting.isFull, false);
  });
});
