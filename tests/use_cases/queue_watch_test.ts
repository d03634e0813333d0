/** What the watch tells operators, and what it spares them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { StoreHealth } from "../../src/ports/store_health.ts";
import type { QueueErrorCode } from "../../src/ports/queue_error.ts";
import { healthy, type QueueHealth } from "../../src/ports/queue_health.ts";
import { watchQueues } from "../../src/use_cases/queue_watch.ts";
import { createFakeClock } from "../fake_clock.ts";
import { collectLogs } from "./log_lines.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

const degraded = (reason: QueueErrorCode, detail: string): QueueHealth => ({
  status: "degraded",
  reason,
  detail,
});

function open() {
  const clock = createFakeClock();
  const telemetry = createRecordingTelemetry();
  const state = { kafka: healthy, buffer: healthy };
  const queues = {
    kafka: { health: () => state.kafka },
    buffer: { health: () => state.buffer },
  };
  const { degradedSince, end } = watchQueues({ queues, clock, telemetry });
  return { clock, telemetry, state, degradedSince, end };
}

describe("watching queues", () => {
  it("tells a fault once a minute while it lasts, and once that it is over", async () => {
    using logs = collectLogs();
    const { clock, state, degradedSince, end } = open();
    const told = () => logs.lines.map(({ level, properties }) => [level, properties["reason"]]);
    await clock.advance(10_000);
    assert.deepEqual(told(), []);

    for (let second = 0; second < 150; second++) {
      state.kafka = degraded("unavailable", `No broker for ${second} s: start one`);
      await clock.advance(1000);
    }
    const away = ["error", "unavailable"];
    assert.deepEqual(told(), [away, away, away]);
    assert.match(String(logs.lines[0]?.properties["detail"]), /start one/);
    const [since, ...later] = logs.lines.map(({ properties }) => properties["since"]);
    assert.equal(Date.parse(String(since)), degradedSince("kafka"));
    assert.deepEqual(later, [since, since]);

    state.kafka = healthy;
    await clock.advance(60_000);
    assert.deepEqual(told(), [away, away, away, ["info", undefined]]);
    assert.equal(logs.lines[3]?.properties["degraded_ms"], 150_000);
    assert.equal(degradedSince("kafka"), undefined);
    end();
    assert.equal(clock.timers, 0);
  });

  it("tells another fault at once, and no fault that is gone at the next look", async () => {
    using logs = collectLogs();
    const { clock, state, end } = open();
    state.kafka = degraded("unavailable", "Away");
    await clock.advance(1000);
    state.kafka = healthy;
    await clock.advance(5000);
    assert.equal(logs.lines.length, 0);

    state.kafka = degraded("unavailable", "Away");
    await clock.advance(3000);
    state.kafka = degraded("unauthorized", "Wrong password");
    await clock.advance(1000);
    assert.deepEqual(logs.lines.map(({ properties }) => properties["reason"]), [
      "unavailable",
      "unauthorized",
    ]);
    end();
  });

  it("does not flood the log where a queue comes and goes", async () => {
    using logs = collectLogs();
    const { clock, state, end } = open();
    for (let turn = 0; turn < 10; turn++) {
      state.kafka = degraded("unavailable", "Away");
      await clock.advance(3000);
      state.kafka = healthy;
      await clock.advance(2000);
    }
    assert.deepEqual(logs.lines.map(({ level }) => level), ["error", "info"]);
    end();
  });

  it("measures each queue by its name, when it changes", async () => {
    const { clock, telemetry, state, end } = open();
    const gauge = (queue: string) => telemetry.gauges[`shelfcast.queue.healthy{queue=${queue}}`];
    assert.deepEqual([gauge("kafka"), gauge("buffer")], [1, 1]);
    state.buffer = degraded("full", "Disk is full");
    await clock.advance(5000);
    assert.deepEqual([gauge("kafka"), gauge("buffer")], [1, 0]);
    const changedAt = telemetry.gauges["shelfcast.queue.health_changed_at_ms{queue=buffer}"];
    assert.equal(changedAt, clock.now() - 4000);
    end();
  });

  it("watches the catalogue in the same grammar: why, since when, once a minute, a number", async () => {
    using logs = collectLogs();
    const clock = createFakeClock();
    const telemetry = createRecordingTelemetry();
    let state: StoreHealth = { status: "ok" };
    const catalogue = { health: () => Promise.resolve(state) };
    const watch = watchQueues({ queues: {}, catalogue, clock, telemetry });
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) await clock.advance(1000);
    };
    await pass(5);
    assert.equal(telemetry.gauges["shelfcast.catalogue.healthy"], 1);
    state = { status: "degraded", reason: "unavailable", detail: "Nobody listens: start MySQL" };
    await pass(65);
    assert.equal(telemetry.gauges["shelfcast.catalogue.healthy"], 0);
    assert.equal(logs.lines.length, 2);
    const { level, properties } = logs.lines[0] ?? assert.fail("no line");
    assert.deepEqual([level, properties["reason"], properties["detail"]], [
      "error",
      "unavailable",
      "Nobody listens: start MySQL",
    ]);
    assert.equal(Date.parse(String(properties["since"])), watch.degradedSince("catalogue"));
    state = { status: "ok" };
    await pass(2);
    assert.equal(logs.lines.at(-1)?.level, "info");
    watch.end();
  });
});
