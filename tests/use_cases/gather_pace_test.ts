import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createGatherPace } from "../../src/use_cases/gather_pace.ts";
import { readBatch } from "./read_batch.ts";

const bounds = { leastMs: 50, mostMs: 500 };

describe("how long events gather", () => {
  it("is short where few come, and long where many do", () => {
    const pace = createGatherPace(bounds);
    assert.equal(pace(readBatch({ records: 1 }), 1), 50);
    assert.equal(pace(readBatch({ records: 50 }), 1), 250);
    assert.equal(pace(readBatch({ records: 400 }), 1), 500);
  });

  it("is no time while more is there already, which counts with what comes last", () => {
    const pace = createGatherPace(bounds);
    assert.equal(pace(readBatch({ records: 60, end: 100 }), 1), 0);
    assert.equal(pace(readBatch({ from: 60, records: 40 }), 1), 500);
  });

  it("is shared by the partitions, as each has its turn", () => {
    const pace = createGatherPace(bounds);
    assert.equal(pace(readBatch({ records: 100 }), 5), 100);
    assert.equal(pace(readBatch({ records: 100 }), 0), 500);
  });

  it("is no time where nothing shall gather", () => {
    const pace = createGatherPace({ leastMs: 0, mostMs: 0 });
    assert.equal(pace(readBatch({ records: 100 }), 1), 0);
  });
});
