/** Segments that are gone, the oldest or all of them, and groups without a position. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";

const folder = `${directory}/${topic}`;
const jump = 2n ** 32n;
const count = 40;
const record = (n: number) => ({ value: new TextEncoder().encode(`${n};`.padEnd(900, "-")) });

const toolsOn = (disk: MemoryDisk) => openFileLogTools({ directory, disk, clock: fastClock() });

const segmentsOf = ({ state }: MemoryDisk): readonly string[] =>
  [...state.names.keys()].filter((path) => path.endsWith(".segment")).toSorted();

/** A log whose group `g` has read ten records. */
async function storedLog(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  await using log = await openOn(disk);
  for (let n = 0; n < 10; n++) await log.publish(topic, record(n));
  await read(disk, "g");
  for (let n = 10; n < count; n++) await log.publish(topic, record(n));
  return disk;
}

/** What is read from the earliest on, or by a group; and the code with which that ended. */
async function read(disk: MemoryDisk, group?: string, requiredGroups: readonly string[] = []) {
  await using log = await openOn(disk, { requiredGroups });
  const values: number[] = [];
  const options = { from: "earliest", until: "end", ...(group && { group }) } as const;
  try {
    for await (const batch of log.subscribe(topic, options)) {
      values.push(...batch.records.map(({ value }) => parseInt(new TextDecoder().decode(value!))));
      if (group) await batch.commit();
    }
    return { values, code: "read" };
  } catch (error) {
    return { values, code: error instanceof QueueError ? error.code : String(error) };
  }
}

const groupOn = async (disk: MemoryDisk, name: string) =>
  (await (await toolsOn(disk)).inspect(topic)).groups.find((group) => group.name === name);

/** The same log, where these files are gone. */
const without = (disk: MemoryDisk, paths: readonly string[]): MemoryDisk =>
  createMemoryDisk([
    ...disk.steps,
    ...paths.map((path): DiskStep => ({ kind: "remove", path })),
    { kind: "sync directory", path: folder },
  ]);

async function publishOne(disk: MemoryDisk, requiredGroups: readonly string[] = []) {
  await using log = await openOn(disk, { requiredGroups });
  return (await log.publish(topic, record(count))).offset;
}

describe("a log whose segments are all missing", () => {
  for (const mended of ["at once", "after the shop went on"]) {
    it(`is repaired ${mended}: what is lost is told, and groups count it as dropped`, async () => {
      const whole = await storedLog();
      const disk = without(whole, segmentsOf(whole));
      if (mended !== "at once") assert.equal(await publishOne(disk), BigInt(count) + jump);
      const tools = await toolsOn(disk);
      const { lost, steps } = await tools.repair(topic, { dryRun: false });
      assert.deepEqual(
        lost.map(({ offset, records, groups, what }) => ({ offset, records, groups, what })),
        [{
          offset: 0n,
          records: BigInt(count),
          groups: ["g"],
          what: mended === "at once"
            ? "all segments are missing"
            : "all segments before it are missing",
        }],
      );
      assert.ok(steps.length > 0);
      assert.deepEqual((await tools.verify(topic)).findings, []);
      if (mended === "at once") assert.equal(await publishOne(disk), BigInt(count) + jump);
      assert.deepEqual(await read(disk), { values: [count], code: "read" });
      // Also one without which nothing is done.
      assert.deepEqual(await read(disk, "g", ["g"]), { values: [count], code: "read" });
      assert.equal((await groupOn(disk, "g"))?.dropped, 30n);
      assert.deepEqual((await tools.verify(topic)).findings, []);
    });
  }
});

describe("a log whose segments are all missing, and whose repair is interrupted", () => {
  it("can be repaired again", async () => {
    const whole = await storedLog();
    for (const disk of await interruptedRepairs(without(whole, segmentsOf(whole)))) {
      const tools = await toolsOn(disk);
      await tools.repair(topic, { dryRun: false });
      assert.deepEqual((await tools.verify(topic)).findings, []);
      // A power cut may take the durable slot: then only the group tells what was accepted.
      assert.ok(await publishOne(disk) >= 10n + jump);
      assert.deepEqual(await read(disk, "g", ["g"]), { values: [count], code: "read" });
    }
  });
});

describe("a log whose oldest segments are missing", () => {
  it("is corrupt where retention did not take them away", async () => {
    const whole = await storedLog();
    const disk = without(whole, segmentsOf(whole).slice(0, 2));
    const first = Number(segmentsOf(disk)[0]!.slice(-28, -8));
    const counted: string[] = [];
    const telemetry = { count: (name: string) => counted.push(name), gauge() {}, histogram() {} };
    {
      await using log = await openOn(disk, { telemetry });
      await log.publish(topic, record(count));
    }
    assert.ok(counted.includes("shelfcast.file_log.corruptions"));
    assert.deepEqual(await read(disk), { values: [], code: "corrupt" });
    assert.deepEqual(await read(disk, "g"), { values: [], code: "corrupt" });
    const tools = await toolsOn(disk);
    const { findings } = await tools.verify(topic);
    assert.deepEqual(findings.map(({ offset, records }) => [offset, records]), [[
      0n,
      BigInt(first),
    ]]);
    await tools.repair(topic, { dryRun: false });
    assert.deepEqual((await tools.verify(topic)).findings, []);
    const left = Array.from({ length: count + 1 - first }, (_, n) => first + n);
    assert.deepEqual(await read(disk, "g", ["g"]), { values: left, code: "read" });
    assert.equal((await groupOn(disk, "g"))?.dropped, BigInt(first - 10));
    assert.deepEqual(await read(disk), { values: left, code: "read" });
  });

  it("is whole where retention took them away", async () => {
    const disk = createMemoryDisk();
    {
      await using log = await openOn(disk, { maxBytes: 64 * 1024 });
      for (let n = 0; n < 200; n++) await log.publish(topic, record(n));
    }
    const { values, code } = await read(disk);
    assert.ok(code === "read" && values[0]! > 100);
    assert.deepEqual((await (await toolsOn(disk)).verify(topic)).findings, []);
  });
});

/** What a repair leaves that is ended by a kill or a power cut behind any of its steps. */
async function interruptedRepairs(disk: MemoryDisk): Promise<readonly MemoryDisk[]> {
  const repaired = createMemoryDisk(disk.steps);
  await (await toolsOn(repaired)).repair(topic, { dryRun: false });
  const states: MemoryDisk[] = [];
  for (let end = disk.steps.length; end <= repaired.steps.length; end++) {
    const done = repaired.steps.slice(0, end);
    const fates = [done, afterPowerCut(done, "all lost"), afterPowerCut(done, "all kept")];
    states.push(...fates.map((steps) => createMemoryDisk(steps)));
  }
  return states;
}

describe("a group whose two positions are broken", () => {
  async function brokenGroup() {
    const whole = await storedLog();
    const path = `${folder}/group.g`;
    const inode = whole.state.names.get(path) as number;
    const bytes = new Uint8Array(8).fill(0x5a);
    const disk = createMemoryDisk([
      ...whole.steps,
      { kind: "write", inode, at: 40, bytes },
      { kind: "write", inode, at: 4136, bytes },
      { kind: "sync", inode },
    ]);
    return { disk, broken: disk.state.files.get(inode) };
  }

  it("passes nothing unread where the repair is interrupted", async () => {
    for (const disk of await interruptedRepairs((await brokenGroup()).disk)) {
      const before = await groupOn(disk, "g");
      assert.ok([undefined, 0n].includes(before?.position), `position ${before?.position}`);
      await (await toolsOn(disk)).repair(topic, { dryRun: false });
      assert.equal((await groupOn(disk, "g"))?.position, 0n);
    }
  });

  it("begins anew with the oldest record, and its file is kept", async () => {
    const { disk, broken } = await brokenGroup();
    assert.deepEqual(await read(disk, "g"), { values: [], code: "corrupt" });
    const tools = await toolsOn(disk);
    const { lost, steps } = await tools.repair(topic, { dryRun: false });
    assert.deepEqual(lost.map(({ file, records, groups }) => [file, records, groups]), [
      ["group.g", 0n, ["g"]],
    ]);
    assert.equal(steps.length, 1);
    const kept = disk.state.names.get(`${folder}/broken.group.g`) as number;
    assert.deepEqual(disk.state.files.get(kept), broken);
    assert.deepEqual((await tools.verify(topic)).findings, []);
    const { values, code } = await read(disk, "g");
    assert.deepEqual([values.length, values[0], code], [count, 0, "read"]);
  });
});
