import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StoreError } from "../../../src/ports/store_error.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { startPreparation } from "./preparation.ts";

const away = new StoreError("unavailable", "Database is away");
const refused = new StoreError("failed", "Password is wrong");

/** Attempts end as told, then all succeed; waiting is over when the test says so. */
function scene(...faults: readonly StoreError[]) {
  const delays: number[] = [];
  let due = (): void => {};
  let attempts = 0;
  let paused = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => 0,
    after(delayMs, task) {
      delays.push(delayMs);
      due = task;
      paused.resolve();
      return () => {};
    },
  };
  const prepare = () => {
    const fault = faults[attempts++];
    return fault === undefined ? Promise.resolve() : Promise.reject(fault);
  };
  return {
    delays,
    attempts: () => attempts,
    start: () => startPreparation(prepare, clock),
    async wait() {
      await paused.promise;
      paused = Promise.withResolvers();
      due();
    },
    /** Resolves when the next pause has begun. */
    pause: () => paused.promise,
  };
}

describe("preparation of a MySQL database", () => {
  it("asks for nothing more when the first attempt succeeds", async () => {
    const { start, attempts, delays } = scene();
    const preparation = await start();
    assert.equal(preparation.missing, undefined);
    await preparation.stop();
    assert.deepEqual([attempts(), delays], [1, []]);
  });

  it("fails where the first attempt is refused", async () => {
    await assert.rejects(scene(refused).start(), refused);
  });

  it("tries on after 250 ms, then twice as long, at most 5 s, also after a refusal", async () => {
    const { start, wait, delays } = scene(away, away, refused, away, away, away, away);
    const preparation = await start();
    assert.equal(preparation.missing, away);
    for (let attempt = 0; attempt < 7; attempt++) await wait();
    await preparation.stop();
    assert.equal(preparation.missing, undefined);
    assert.deepEqual(delays, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it("stops at once while it waits for the next attempt", async () => {
    const { start, pause, attempts } = scene(away, away);
    const preparation = await start();
    await pause();
    await preparation.stop();
    assert.equal(attempts(), 1);
    assert.equal(preparation.missing, away);
  });
});
