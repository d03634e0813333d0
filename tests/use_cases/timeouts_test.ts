import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createTimeouts } from "../../src/use_cases/timeouts.ts";
import { createFakeClock } from "../fake_clock.ts";

function open() {
  const clock = createFakeClock();
  const timeouts = createTimeouts(clock, 50);
  const late: string[] = [];
  const begin = (name: string) => timeouts.begin(() => late.push(name));
  return { clock, timeouts, late, begin };
}

describe("time-outs of one length", () => {
  it("end each after its own length, by one timer", async () => {
    const { clock, late, begin } = open();
    begin("a");
    await clock.advance(20);
    begin("b");
    begin("c");
    assert.equal(clock.timers, 1);
    await clock.advance(29);
    assert.deepEqual(late, []);
    await clock.advance(1);
    assert.deepEqual(late, ["a"]);
    await clock.advance(19);
    assert.deepEqual(late, ["a"]);
    await clock.advance(1);
    assert.deepEqual(late, ["a", "b", "c"]);
    assert.equal(clock.timers, 0);
  });

  it("that were ended before are not late, and the others still are", async () => {
    const { clock, late, begin } = open();
    const end = begin("a");
    await clock.advance(10);
    begin("b");
    end();
    await clock.advance(49);
    assert.deepEqual(late, []);
    await clock.advance(1);
    assert.deepEqual(late, ["b"]);
  });

  it("hold no timer at rest, once nothing waits", async () => {
    const { clock, timeouts, late, begin } = open();
    const end = begin("a");
    timeouts.rest();
    assert.equal(clock.timers, 1);
    end();
    timeouts.rest();
    assert.equal(clock.timers, 0);
    begin("b");
    await clock.advance(50);
    assert.deepEqual(late, ["b"]);
  });

  it("that fell due while the thread stood still are ended by what was done meanwhile", async () => {
    const clock = createFakeClock();
    let stoodStillMs = 0;
    const late: string[] = [];
    const timeouts = createTimeouts({ ...clock, now: () => clock.now() + stoodStillMs }, 50);
    const end = timeouts.begin(() => late.push("a"));
    timeouts.begin(() => late.push("b"));
    stoodStillMs = 100;
    await clock.advance(50);
    assert.deepEqual(late, []);
    end();
    await clock.advance(10);
    assert.deepEqual(late, ["b"]);
  });
});
