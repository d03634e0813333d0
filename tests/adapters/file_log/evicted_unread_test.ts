/** What is taken away before it was read is told: by the health, and by a number. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";
import { fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk } from "./memory_disk.ts";

const maxBytes = 64 * 1024;

async function publish(log: EventLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await log.publish(topic, { value: new Uint8Array(1000) });
}

async function readAll(log: EventLog, group: string): Promise<number> {
  let count = 0;
  for await (const batch of log.subscribe(topic, { group, from: "earliest", until: "end" })) {
    count += batch.records.length;
    await batch.commit();
  }
  return count;
}

function openTimed() {
  const { now, ...clock } = fastClock();
  let passedMs = 0;
  const telemetry = createRecordingTelemetry();
  const options = { maxBytes, telemetry, clock: { ...clock, now: () => now() + passedMs } };
  return { telemetry, options, pass: (ms: number) => void (passedMs += ms) };
}

describe("what a file log takes away for its size", () => {
  it("is told where nobody is there who could have read it, for a minute", async () => {
    const { telemetry, options, pass } = openTimed();
    await using log = await openOn(createMemoryDisk(), options);
    await publish(log, 20);
    assert.equal(log.health().status, "ok");
    await publish(log, 120);
    const health = log.health();
    assert.ok(health.status === "degraded");
    assert.equal(health.reason, "full");
    const [, told] =
      /^(\d+) events that not everybody had read were taken away/.exec(health.detail) ?? [];
    const dropped = telemetry.gauges[`shelfcast.ledger.dropped{topic=${topic},group=}`];
    assert.equal(Number(told), dropped);
    const left = await readAll(log, "late");
    assert.equal(left + Number(dropped), 140);
    pass(60_001);
    assert.equal(log.health().status, "ok");
  });

  it("is told where one of the groups has still to read it, required or not", async () => {
    const { options } = openTimed();
    await using log = await openOn(createMemoryDisk(), options);
    await publish(log, 10);
    await readAll(log, "slow");
    await publish(log, 140);
    await readAll(log, "fast");
    assert.equal(log.health().status, "degraded");
  });

  it("is no news where everybody there has read it", async () => {
    const { telemetry, options } = openTimed();
    await using log = await openOn(createMemoryDisk(), options);
    for (let round = 0; round < 10; round++) {
      await publish(log, 15);
      await readAll(log, "quick");
    }
    assert.ok(await readAll(log, "late") < 150);
    assert.equal(log.health().status, "ok");
    assert.equal(telemetry.gauges[`shelfcast.ledger.dropped{topic=${topic},group=}`], undefined);
  });
});
