import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { drain } from "../../src/process/drain.ts";
import { createFakeClock } from "../fake_clock.ts";

const never = (): Promise<void> => new Promise(() => {});

describe("drain", () => {
  it("runs the steps one after the other and says that all went well", async () => {
    const clock = createFakeClock();
    const order: string[] = [];
    const step = (name: string) => ({
      name,
      async run() {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      },
    });
    assert.equal(await drain([step("a"), step("b")], { deadlineMs: 100, clock }), true);
    assert.deepEqual(order, ["a begins", "a ends", "b begins", "b ends"]);
    assert.equal(clock.timers, 0);
  });

  it("a step that fails does not keep the next from running", async () => {
    const clock = createFakeClock();
    let reached = false;
    const failing = { name: "fails", run: () => Promise.reject(new Error("no")) };
    const next = { name: "next", run: () => Promise.resolve(void (reached = true)) };
    assert.equal(await drain([failing, next], { deadlineMs: 100, clock }), false);
    assert.ok(reached);
  });

  it("a step that hangs ends with the deadline, and the later ones are still begun", async () => {
    const clock = createFakeClock();
    let reached = false;
    const next = { name: "next", run: () => Promise.resolve(void (reached = true)) };
    const ended = drain([{ name: "hangs", run: never }, next], { deadlineMs: 100, clock });
    await clock.advance(100);
    assert.equal(await ended, false);
    assert.ok(reached);
  });

  it("a step that hangs leaves time to each of those behind it", async () => {
    const clock = createFakeClock();
    const ended: string[] = [];
    const slow = (name: string) => ({
      name,
      run: () =>
        new Promise<void>((resolve) => clock.after(400, resolve)).then(() => void ended.push(name)),
    });
    const steps = [{ name: "hangs", run: never }, slow("queue"), slow("catalogue")];
    const drained = drain(steps, { deadlineMs: 20_000, clock });
    await clock.advance(20_000);
    assert.equal(await drained, false);
    assert.deepEqual(ended, ["queue", "catalogue"]);
    assert.equal(clock.timers, 0);
  });

  it("a second request ends waiting at once", async () => {
    const clock = createFakeClock();
    const now = new AbortController();
    const steps = [{ name: "hangs", run: never }];
    const ended = drain(steps, { deadlineMs: 1e6, clock, now: now.signal });
    now.abort();
    assert.equal(await ended, false);
  });
});
