/** What a repair gives up is counted, and an interrupted one can be done again. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import { readGroupState } from "../../../adapters/queue/file_log/segments/slots.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";

const count = 24;
const bad = [12, 15, 22];
const folder = `${directory}/${topic}`;

/** A log of three segments: the second is bad in two places, the last in one. */
async function damagedDisk(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  {
    await using log = await openOn(disk);
    for (let n = 0; n < count; n++) {
      const value = new TextEncoder().encode(`${n};`.padEnd(800, "-"));
      await log.publish(topic, { value });
    }
  }
  const steps: DiskStep[] = [...disk.steps];
  for (const [path, inode] of disk.state.names) {
    if (!path.endsWith(".segment") || typeof inode !== "number") continue;
    const text = new TextDecoder("latin1").decode(disk.state.files.get(inode));
    for (const n of bad) {
      const at = text.indexOf(`${n};--`);
      if (at === -1) continue;
      steps.push({ kind: "write", inode, at, bytes: Uint8Array.of(0) }, { kind: "sync", inode });
    }
  }
  return createMemoryDisk(steps);
}

async function tools(disk: MemoryDisk) {
  return await openFileLogTools({ directory, disk, clock: fastClock() });
}

async function readValues(disk: MemoryDisk): Promise<readonly number[]> {
  await using log = await openOn(disk);
  const values: number[] = [];
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { value } of records) values.push(parseInt(new TextDecoder().decode(value!)));
  }
  return values;
}

/** What a group that reads everything has counted as dropped. */
async function droppedBy(disk: MemoryDisk, group: string) {
  {
    await using log = await openOn(disk);
    const options = { group, from: "earliest", until: "end" } as const;
    for await (const batch of log.subscribe(topic, options)) await batch.commit();
  }
  const file = await disk.open(`${folder}/group.${group}`, "read");
  const page = new Uint8Array(64);
  await file.read(0, page);
  const state = await readGroupState(file, page.slice(16, 32));
  file.close();
  assert.ok(typeof state === "object");
  return state.dropped;
}

describe("log repair", () => {
  it("gives up records that a group then counts as dropped", async () => {
    const disk = await damagedDisk();
    await (await tools(disk)).repair(topic, { dryRun: false });
    assert.equal(await droppedBy(disk, "g"), bad.length);
  });
});

describe("log repair that is interrupted", () => {
  it("can be done again after a kill or a power cut at any step, and loses nothing more", async () => {
    const damaged = await damagedDisk();
    const repaired = createMemoryDisk(damaged.steps);
    const { lost } = await (await tools(repaired)).repair(topic, { dryRun: false });
    assert.deepEqual(lost.map(({ offset }) => Number(offset)), bad);
    const expected = Array.from({ length: count }, (_, n) => n).filter((n) => !bad.includes(n));
    assert.deepEqual(await readValues(createMemoryDisk(repaired.steps)), expected);
    let states = 0;
    for (let end = damaged.steps.length; end <= repaired.steps.length; end++) {
      const done = repaired.steps.slice(0, end);
      for (
        const steps of [done, afterPowerCut(done, "all lost"), afterPowerCut(done, "all kept")]
      ) {
        const disk = createMemoryDisk(steps);
        await (await tools(disk)).repair(topic, { dryRun: false });
        const { findings } = await (await tools(disk)).verify(topic);
        const where = `state ${++states}, step ${end - damaged.steps.length}`;
        assert.deepEqual(findings.filter(({ kind }) => kind === "corrupt"), [], where);
        assert.deepEqual(await readValues(disk), expected, where);
        const names = [...disk.state.names.keys()];
        const kept = names.filter((path) => path.startsWith(folder) && path.includes(".broken"));
        assert.ok(kept.length >= 2, `${where}: ${kept}`);
      }
    }
    console.log(`interrupted repairs: ${states} states`);
  });
});
