/**
 * What retention took from a group is passed and counted as dropped, never called damage: by the
 * group, whoever requires it, by the tools and by the ledger alike.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { FileLogOptions } from "../../../adapters/queue/file_log/file_log_options.ts";
import { openFileLogLedger } from "../../../adapters/queue/file_log/operate/log_ledger.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";

const folder = `${directory}/${topic}`;
const group = "forwarder";
const maxBytes = 64 * 1024;
const hourMs = 3_600_000;
const required = { requiredGroups: [group] };

async function publish(log: EventLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await log.publish(topic, { value: new Uint8Array(1000) });
}

async function readAs(disk: MemoryDisk, options: Partial<FileLogOptions> = {}) {
  await using log = await openOn(disk, options);
  const offsets: number[] = [];
  for await (const batch of log.subscribe(topic, { group, from: "earliest", until: "end" })) {
    offsets.push(...batch.records.map(({ offset }) => Number(offset)));
    await batch.commit();
  }
  return offsets;
}

/** Ten records that the group has read, and more than the log may keep. */
async function overtaken(options: Partial<FileLogOptions>, pass = () => {}): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  {
    await using log = await openOn(disk);
    await publish(log, 10);
  }
  await readAs(disk);
  await using log = await openOn(disk, options);
  await publish(log, 100);
  pass();
  await publish(log, 10);
  return disk;
}

/** All that looks at the log calls it whole, and the group reads it to its end. */
async function assertPassed(disk: MemoryDisk, accepted: number): Promise<number> {
  const tools = await openFileLogTools({ directory, disk, clock: fastClock() });
  assert.deepEqual((await tools.verify(topic)).findings, []);
  assert.deepEqual(await tools.repair(topic, { dryRun: false }), { topic, steps: [], lost: [] });
  const corruptions: string[] = [];
  const telemetry = {
    count: (name: string) => void (name.endsWith("corruptions") && corruptions.push(name)),
    gauge() {},
    histogram() {},
  };
  const read = await readAs(disk, { ...required, telemetry });
  assert.deepEqual(read, Array.from({ length: read.length }, (_, n) => accepted - read.length + n));
  assert.deepEqual(corruptions, []);
  const ledger = await openFileLogLedger({ directory, disk, clock: fastClock() })
    .read(topic, [group]);
  assert.deepEqual([ledger.faults, ledger.accepted], [[], accepted]);
  const { delivered = 0, dropped = 0, queued, lost } = ledger.groups[0] ?? {};
  assert.deepEqual([queued, lost, delivered + dropped], [0, 0, accepted]);
  return dropped;
}

describe("what retention took from a group", () => {
  it("by size is dropped, and no damage, for a group that is required afterwards", async () => {
    assert.ok(await assertPassed(await overtaken({ maxBytes }), 120) > 40);
  });

  it("by age", async () => {
    let passedMs = 0;
    const fast = fastClock();
    const clock = { ...fast, now: () => fast.now() + passedMs };
    const options = { clock, elapsedMs: () => passedMs, maxAgeMs: hourMs };
    const disk = await overtaken(options, () => passedMs += 3 * hourMs);
    assert.ok(await assertPassed(disk, 120) > 80);
  });

  it("at the operator's wish, although it is required", async () => {
    const disk = await overtaken({ maxBytes, ...required, retainPastGroups: true });
    assert.ok(await assertPassed(disk, 120) > 40);
  });

  it("while a reader in another process, for which it is required, was reading it", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { maxBytes, retainPastGroups: true });
    await publish(log, 30);
    await using other = await openOn(disk, required);
    const reading = other.subscribe(topic, { group, from: "earliest", maxRecords: 1 })
      [Symbol.asyncIterator]();
    let { value: batch } = await reading.next();
    await publish(log, 90);
    let count = 1;
    while (batch !== undefined && batch.records[0]!.offset < 119n) {
      await batch.commit();
      batch = (await reading.next()).value;
      count++;
    }
    await batch?.commit();
    await reading.return?.();
    assert.equal(await assertPassed(disk, 120), 120 - count);
  });

  it("where the writer was killed behind each step of taking it away", async () => {
    const whole = await overtaken({ maxBytes });
    const removals = [...whole.steps.keys()].filter((n) => whole.steps[n]!.kind === "remove");
    const third = removals[2]!;
    for (let end = third - 3; end < third + 6; end++) {
      const killed: readonly DiskStep[] = whole.steps.slice(0, end);
      const disk = createMemoryDisk(killed);
      await using log = await openOn(disk, { maxBytes });
      await publish(log, 1);
      const { offset } = await log.publish(topic, { value: null });
      await log[Symbol.asyncDispose]();
      await assertPassed(disk, Number(offset) + 1);
    }
  });

  it("where the group's file comes from an older copy than the segments", async () => {
    const old = await overtaken({});
    const inode = old.state.names.get(`${folder}/group.${group}`) as number;
    const bytes = old.state.files.get(inode)!.slice();
    await readAs(old);
    {
      await using log = await openOn(old, { maxBytes });
      await publish(log, 80);
    }
    const copy: DiskStep[] = [{ kind: "write", inode, at: 0, bytes }, { kind: "sync", inode }];
    assert.ok(await assertPassed(createMemoryDisk([...old.steps, ...copy]), 200) > 100);
  });
});
