import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { FetchedPartition } from "../wire/fetch_answer.ts";
import { createTenure } from "./tenure.ts";

const fetched = (offsets: readonly number[], next: number | undefined, end: number) =>
  ({
    partition: 0,
    errorCode: 0,
    records: offsets.map((offset) => ({
      key: null,
      value: null,
      headers: [],
      timestamp: 0,
      offset: BigInt(offset),
    })),
    next: next === undefined ? undefined : BigInt(next),
    end: BigInt(end),
    written: BigInt(end),
  }) satisfies FetchedPartition;

describe("a partition's tenure", () => {
  it("goes on behind control records, and a commit of the last record leads there", () => {
    const tenure = createTenure(0, 0n, undefined, 500);
    tenure.fill(fetched([0, 1], 3, 3), false);
    assert.equal(tenure.position, 3n);
    assert.equal(tenure.take(500).next, 3n);
  });

  it("leaves what comes from the stop on to others: not handed out, and not committed", () => {
    const tenure = createTenure(0, 0n, 2n, 500);
    tenure.fill(fetched([0, 1, 2, 3], 4, 4), false);
    const { records, next } = tenure.take(500);
    assert.deepEqual(records.map(({ offset }) => offset), [0n, 1n]);
    assert.equal(next, 2n);
    assert.ok(tenure.isDone);
  });

  it("wants no more while a batch waits to be handed out", () => {
    const tenure = createTenure(0, 0n, undefined, 2);
    assert.ok(tenure.hasRoom);
    tenure.fill(fetched([0, 1, 2], 3, 9), false);
    assert.ok(!tenure.hasRoom);
    tenure.take(2);
    assert.ok(tenure.hasRoom);
  });

  it("passes a record batch that compaction has emptied, but not a read that was merely empty", () => {
    const tenure = createTenure(0, 5n, undefined, 500);
    for (let n = 0; n < 10; n++) tenure.fill(fetched([], undefined, 9), false);
    assert.equal(tenure.position, 5n);
    for (let n = 0; n < 3; n++) tenure.fill(fetched([], undefined, 9), true);
    assert.equal(tenure.position, 6n);
  });
});
