import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createFakeClock } from "../fake_clock.ts";
import { pause, within } from "../../src/ports/clock.ts";

const fault = (): never => {
  throw new Error("late");
};

describe("within", () => {
  it("gives what the work comes to, in time, and cancels its timer", async () => {
    const clock = createFakeClock();
    assert.equal(await within(clock, 10, Promise.resolve("done"), fault), "done");
    await assert.rejects(within(clock, 10, Promise.reject(new Error("failed")), fault), /failed/);
    assert.equal(clock.timers, 0);
  });

  it("gives or throws what it is told when the time is over, and not before", async () => {
    const clock = createFakeClock();
    const { promise: work } = Promise.withResolvers<string>();
    const outcomes: unknown[] = [];
    void within(clock, 10, work, () => undefined).then((late) => outcomes.push(late));
    void within(clock, 10, work, fault).catch(({ message }) => outcomes.push(message));
    await clock.advance(9);
    assert.deepEqual(outcomes, []);
    await clock.advance(1);
    assert.deepEqual(outcomes, [undefined, "late"]);
    assert.equal(clock.timers, 0);
  });

  it("takes the abort of its signal for the end of the time", async () => {
    const clock = createFakeClock();
    const over = new AbortController();
    const never = new Promise<string>(() => {});
    const waiting = within(clock, 10, never, () => "late", over.signal);
    over.abort();
    assert.equal(await waiting, "late");
    assert.equal(await within(clock, 10, never, () => "late", over.signal), "late");
    assert.equal(clock.timers, 0);
  });

  it("hears nothing of work that fails later", async () => {
    const clock = createFakeClock();
    const { promise: work, reject } = Promise.withResolvers<string>();
    const waiting = within(clock, 10, work, () => "late");
    await clock.advance(10);
    reject(new Error("nobody hears this"));
    assert.equal(await waiting, "late");
  });
});

describe("pause", () => {
  it("ends with its time or its signal, and leaves no timer", async () => {
    const clock = createFakeClock();
    const over = new AbortController();
    const pauses = [pause(clock, 10, over.signal), pause(clock, 20, over.signal)];
    await clock.advance(10);
    await pauses[0];
    over.abort();
    await Promise.all(pauses);
    await pause(clock, 10, over.signal);
    assert.equal(clock.timers, 0);
  });
});
