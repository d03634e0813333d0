/** A saturated event loop is said to be one, and nothing else is blamed for it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { blamed, watchEventLoop } from "../../src/use_cases/event_loop_watch.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

const late = { status: "degraded", reason: "timeout", detail: "3 events wait" } as const;

/** A clock whose timers come late. */
function lateClock() {
  const clock = createFakeClock();
  const lateness = { ms: 0 };
  const after: typeof clock.after = (delayMs, task) => clock.after(delayMs + lateness.ms, task);
  return { clock, lateness, late: { now: clock.now, after } };
}

describe("the event loop's lag", () => {
  it("is the most of the last seconds, and a metric", async () => {
    const { clock, lateness, late } = lateClock();
    const telemetry = createRecordingTelemetry();
    const loop = watchEventLoop({ clock: late, telemetry });
    await clock.advance(5000);
    assert.equal(loop.lagMs, 0);
    lateness.ms = 300;
    await clock.advance(1000);
    assert.equal(loop.lagMs, 300);
    lateness.ms = 0;
    await clock.advance(2000);
    assert.equal(telemetry.gauges["shelfcast.event_loop.lag_ms"], 300);
    await clock.advance(5000);
    assert.equal(loop.lagMs, 0);
    loop.end();
    assert.equal(clock.timers, 0);
  });

  it("takes the blame for a queue's time-outs, and for nothing else", () => {
    const full = { status: "degraded", reason: "full", detail: "The disk is full" } as const;
    const told = blamed(late, { lagMs: 400 }, 50);
    assert.match("detail" in told ? told.detail : "", /^The event loop is saturated.*400 ms late/);
    assert.deepEqual(blamed(late, { lagMs: 3 }, 50), late);
    assert.deepEqual(blamed(late, undefined, 50), late);
    const beside = blamed(late, { lagMs: 60 }, 1000);
    assert.match(
      "detail" in beside ? beside.detail : "",
      /^(?!The event loop).* 60 ms late, which/,
    );
    assert.deepEqual(blamed(full, { lagMs: 400 }, 50), full);
  });
});
