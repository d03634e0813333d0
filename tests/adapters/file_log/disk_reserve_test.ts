/** The part of the disk that is kept free, and who may use it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { FileLogOptions } from "../../../adapters/queue/file_log/file_log_options.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import { deadLetterTopic } from "../../../src/domain/topic_name.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk } from "./memory_disk.ts";
import { mountSmall } from "./small_volume.ts";

const mebibyte = 2 ** 20;

function passing(clock: Clock) {
  let passedMs = 0;
  return {
    clock: { ...clock, now: () => clock.now() + passedMs },
    pass: (ms: number) => void (passedMs += ms),
  };
}

async function publish(log: EventLog, bytes = 1000): Promise<string> {
  try {
    await log.publish(topic, { value: new Uint8Array(bytes) });
    return "accepted";
  } catch (error) {
    return error instanceof QueueError ? error.code : String(error);
  }
}

async function readAll(log: EventLog, group: string): Promise<number> {
  let count = 0;
  for await (const batch of log.subscribe(topic, { group, from: "earliest", until: "end" })) {
    count += batch.records.length;
    await batch.commit();
  }
  return count;
}

describe("file log on a disk that is nearly full", () => {
  it("refuses below reserveBytes, reads and commits on, and accepts when space returns", async () => {
    let free = 10 * mebibyte;
    const disk = createMemoryDisk([], { freeBytes: () => free });
    const { clock, pass } = passing(fastClock());
    await using log = await openOn(disk, { clock, reserveBytes: 2 * mebibyte });
    assert.equal(await publish(log), "accepted");
    free = 2 * mebibyte;
    pass(1000);
    assert.equal(await publish(log), "full");
    assert.equal(await readAll(log, "g"), 1);
    free = 3 * mebibyte;
    pass(1000);
    assert.equal(await publish(log), "accepted");
  });

  it("what is written between two looks at the disk counts", async () => {
    const disk = createMemoryDisk([], { freeBytes: () => 2 * mebibyte + 10_000 });
    await using log = await openOn(disk, {
      clock: { ...fastClock(), now: () => 1_700_000_000_000 },
      reserveBytes: 2 * mebibyte,
    });
    for (let n = 0; n < 9; n++) assert.equal(await publish(log), "accepted");
    assert.equal(await publish(log), "full");
  });

  it("dead letters may have what is kept free: else one that has to be written keeps the disk full for ever", async () => {
    let free = 10 * mebibyte;
    const disk = createMemoryDisk([], { freeBytes: () => free });
    const { clock, pass } = passing(fastClock());
    const deadLetters = deadLetterTopic(topic);
    await using log = await openOn(disk, {
      clock,
      requiredGroups: ["forwarder"],
      reserveBytes: 2 * mebibyte,
      reservedTopics: [deadLetters],
    });
    assert.equal(await publish(log), "accepted");
    free = mebibyte;
    pass(1000);
    assert.equal(await publish(log), "full");
    assert.equal((await log.publish(deadLetters, { value: new Uint8Array(1000) })).offset, 0n);
  });

  it("a disk that cannot be asked refuses nothing", async () => {
    await using log = await openOn(createMemoryDisk(), { reserveBytes: 2 ** 50 });
    assert.equal(await publish(log), "accepted");
  });

  it("what all required groups have read goes before a record is refused", async () => {
    let free = 10 * mebibyte;
    const disk = createMemoryDisk([], { freeBytes: () => free });
    const { clock, pass } = passing(fastClock());
    const requiredGroups = ["forwarder"];
    await using log = await openOn(disk, { clock, requiredGroups, reserveBytes: 2 * mebibyte });
    const segments = () =>
      [...disk.state.names.keys()].filter((p) => p.endsWith(".segment")).length;
    for (let n = 0; n < 40; n++) await publish(log);
    await readAll(log, "forwarder");
    const before = segments();
    free = 2 * mebibyte;
    pass(1000);
    await publish(log);
    assert.ok(segments() < before, `${segments()} segments of ${before}`);
    free = 10 * mebibyte;
    pass(1000);
    assert.equal(await publish(log), "accepted");
  });

  it("on a real one: refuses early, and at its very end commits, takes nothing in part, and recovers", async () => {
    await using volume = await mountSmall(16);
    if (volume === undefined) return console.log("skipped: tmpfs needs root");
    const { clock, pass } = passing(systemClock);
    const base: FileLogOptions = { directory: volume.directory, clock, segmentBytes: mebibyte };
    const filler = `${volume.directory}/filler`;
    {
      await using log = await openFileLog({ ...base, reserveBytes: 4 * mebibyte });
      assert.equal(await publish(log), "accepted");
      await Deno.writeFile(filler, new Uint8Array(13 * mebibyte));
      pass(1000);
      assert.equal(await publish(log), "full");
      assert.equal(await readAll(log, "g"), 1);
      await Deno.remove(filler);
      pass(1000);
      assert.equal(await publish(log), "accepted");
    }
    await using log = await openFileLog({ ...base, reserveBytes: 0 });
    assert.equal(await publish(log), "accepted");
    await Deno.writeFile(filler, new Uint8Array(16 * mebibyte)).catch(() => {});
    let accepted = 3;
    let code = "accepted";
    for (let n = 0; n < 100 && code === "accepted"; n++) {
      code = await publish(log, 500_000);
      if (code === "accepted") accepted++;
    }
    assert.equal(code, "full");
    assert.equal(await readAll(log, "g"), accepted - 1, "the group reads on and commits");
    await Deno.remove(filler);
    pass(1000);
    assert.equal(await publish(log), "accepted");
    assert.equal(await readAll(log, "g"), 1);
    assert.equal(await readAll(log, "another"), accepted + 1);
  });
});
