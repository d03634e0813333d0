/** Positions of groups: shared writes, order, and what outlives the process. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Clock } from "../../../src/ports/clock.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import { viewOf } from "../../../adapters/queue/file_log/format/uint64.ts";
import { createFakeClock } from "../../fake_clock.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk, type MemoryDisk } from "./memory_disk.ts";

const groupFile = `${directory}/${topic}/group.g`;

/** Twenty batches of one record, handed out and not committed. */
async function twentyBatches(
  disk: MemoryDisk,
  handle: (batches: RecordBatch[]) => Promise<void>,
  clock: Clock = fastClock(),
) {
  await using log = await openOn(disk, { clock });
  for (let n = 0; n < 20; n++) await log.publish(topic, { value: new Uint8Array([n]) });
  const reading = log.subscribe(topic, { group: "g", from: "earliest", maxRecords: 1 });
  const batches: RecordBatch[] = [];
  for await (const batch of reading) {
    batches.push(batch);
    if (batches.length < 20) continue;
    await handle(batches);
    break;
  }
}

function writesTo(disk: MemoryDisk, path: string) {
  const inode = disk.state.names.get(path);
  return disk.steps.filter((step) => step.kind === "write" && step.inode === inode);
}

describe("commits of a group in the file log", () => {
  it("the first is written at once, those that follow share the next write", async () => {
    const disk = createMemoryDisk();
    let writes = 0;
    await twentyBatches(disk, async (batches) => {
      const before = writesTo(disk, groupFile).length;
      await Promise.all(batches.map((batch) => batch.commit()));
      writes = writesTo(disk, groupFile).length - before;
    });
    assert.equal(writes, 2);
  });

  it("whoever awaits each commit waits for the disk, and never for company", async () => {
    const disk = createMemoryDisk();
    let [waits, writes] = [0, 0];
    const fast = fastClock();
    const after: Clock["after"] = (delayMs, task, options) => {
      if (delayMs < 1000) waits++;
      return fast.after(delayMs, task, options);
    };
    await twentyBatches(disk, async (batches) => {
      const before = { waits, writes: writesTo(disk, groupFile).length };
      for (const batch of batches) await batch.commit();
      writes = writesTo(disk, groupFile).length - before.writes;
      waits -= before.waits;
    }, { ...fast, after });
    assert.deepEqual({ waits, writes }, { waits: 0, writes: 20 });
  });

  it("commits that come one by one, and are not awaited, share writes", async () => {
    const disk = createMemoryDisk();
    const clock = createFakeClock();
    let writes = 0;
    await twentyBatches(disk, async (batches) => {
      const before = writesTo(disk, groupFile).length;
      void batches[0]?.commit();
      for (const batch of batches.slice(1)) {
        void batch.commit();
        await clock.advance(3);
      }
      await clock.advance(100);
      writes = writesTo(disk, groupFile).length - before;
    }, clock);
    assert.equal(writes, 2);
    assert.equal(clock.timers, 0);
  });

  it("a commit that nobody awaited is written when its member leaves", async () => {
    const disk = createMemoryDisk();
    await twentyBatches(disk, (batches) => {
      for (const batch of batches) void batch.commit();
      return Promise.resolve();
    });
    await using log = await openOn(disk);
    const rest = log.subscribe(topic, { group: "g", until: "end" });
    assert.equal((await rest[Symbol.asyncIterator]().next()).done, true);
  });

  it("a commit writes in place: the file has its length from the start", async () => {
    const disk = createMemoryDisk();
    await twentyBatches(disk, async (batches) => {
      for (const batch of batches) await batch.commit();
    });
    const [zeros, ...slots] = writesTo(disk, groupFile);
    assert.ok(zeros?.kind === "write" && zeros.at === 0);
    assert.equal(zeros.bytes.length, 8192);
    for (const slot of slots) {
      assert.ok(slot.kind === "write" && slot.at + slot.bytes.length <= 8192);
    }
  });

  it("a group counts what it passed, delivered or dead-lettered, once, over restarts", async () => {
    const disk = createMemoryDisk();
    await twentyBatches(disk, async (batches) => {
      await batches[1]!.commit(undefined, { deadLettered: [1n] });
      await batches[0]!.commit();
      await batches[0]!.commit();
    });
    await using log = await openOn(disk);
    for await (const batch of log.subscribe(topic, { group: "g", until: "end", maxRecords: 4 })) {
      await batch.commit(undefined, { deadLettered: [batch.records[0]!.offset] });
      if (batch.records.at(-1)!.offset >= 9n) break;
    }
    const slots = writesTo(disk, groupFile);
    const last = slots.at(-1);
    assert.ok(last?.kind === "write");
    const count = (at: number) => viewOf(last.bytes).getBigUint64(at, true);
    assert.deepEqual([count(40), count(48), count(56), count(64)], [10n, 7n, 3n, 0n]);
  });

  it("a commit into a folder that was removed is refused with revoked: repeating it would never help", async () => {
    const disk = createMemoryDisk();
    await twentyBatches(disk, async (batches) => {
      await batches[0]!.commit();
      const folder = `${directory}/${topic}`;
      for (const name of await disk.list(folder)) await disk.remove(`${folder}/${name}`);
      for (const batch of batches.slice(1, 3)) {
        await assert.rejects(batch.commit(), { code: "revoked" });
      }
    });
  });

  it("a second member stands by while the first is active, and goes on behind its commit", async () => {
    const disk = createMemoryDisk();
    await using one = await openOn(disk);
    await using two = await openOn(disk);
    for (let n = 0; n < 4; n++) await one.publish(topic, { value: new Uint8Array([n]) });
    const options = { group: "g", from: "earliest", maxRecords: 2 } as const;
    const active = one.subscribe(topic, options)[Symbol.asyncIterator]();
    const first = await active.next();
    const standing = two.subscribe(topic, options)[Symbol.asyncIterator]();
    let isActive = false;
    const next = standing.next().finally(() => isActive = true);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(isActive, false);
    await first.value?.commit();
    await active.return?.();
    assert.equal((await next).value?.records[0]?.offset, 2n);
    await standing.return?.();
  });
});
