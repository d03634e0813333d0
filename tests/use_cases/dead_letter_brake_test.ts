import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createDeadLetterBrake } from "../../src/use_cases/dead_letter_brake.ts";
import { createFakeClock } from "../fake_clock.ts";

describe("the brake on dead letters", () => {
  it("a clock that is set back does not hold it until the clock is where it was", async () => {
    const clock = createFakeClock();
    let backMs = 0;
    const brake = createDeadLetterBrake({ ...clock, now: () => clock.now() - backMs }, () => {});
    const { signal } = new AbortController();
    for (let n = 0; n < 100; n++) await brake.turn(signal);
    backMs = 3_600_000;
    let isLetThrough = false;
    void brake.turn(signal).then(() => isLetThrough = true);
    await clock.advance(60_000);
    assert.equal(isLetThrough, true);
  });
});
