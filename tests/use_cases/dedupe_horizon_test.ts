import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createDedupeHorizon } from "../../src/use_cases/dedupe_horizon.ts";
import { createFakeClock } from "../fake_clock.ts";
import { readBatch } from "./read_batch.ts";

const hourMs = 3_600_000;
/** A whole hour. */
const startMs = Date.UTC(2026, 0, 1);
const startHour = startMs / hourMs;

async function settled() {
  const clock = createFakeClock(startMs);
  const horizon = createDedupeHorizon(clock, 72);
  horizon.assigned([0]);
  await clock.advance(60_000);
  horizon.read(readBatch({}));
  return horizon;
}

const hoursAgo = (hours: number): number => startMs - hours * hourMs;

describe("the horizon of keys", () => {
  it("is not known before every partition has had its time", () => {
    assert.equal(createDedupeHorizon(createFakeClock(startMs), 72).hour, undefined);
  });

  it("waits for a partition that another process reads for the group", async () => {
    const horizon = await settled();
    assert.equal(horizon.hour, startHour - 72);
    horizon.othersWait(new Map([[1, hoursAgo(100)]]));
    assert.equal(horizon.hour, startHour - 172);
    horizon.othersWait(new Map([[1, hoursAgo(10)]]));
    assert.equal(horizon.hour, startHour - 82);
    horizon.othersWait(new Map());
    assert.equal(horizon.hour, startHour - 72);
  });

  it("waits for it, too, when it has fallen to this one and was not read yet", async () => {
    const horizon = await settled();
    horizon.othersWait(new Map([[1, hoursAgo(100)]]));
    horizon.assigned([0, 1]);
    horizon.othersWait(new Map());
    assert.equal(horizon.hour, startHour - 172);
    horizon.read(readBatch({ partition: 1 }));
    assert.equal(horizon.hour, startHour - 72);
  });
});
