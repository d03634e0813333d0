/** What a writer leaves that died at any step, and what others make of it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createGrowingBatch } from "../../../adapters/queue/file_log/append/growing_batch.ts";
import type { DiskFile } from "../../../adapters/queue/file_log/disk/disk.ts";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { encodeFooter } from "../../../adapters/queue/file_log/format/batch_format.ts";
import { checksumSeed } from "../../../adapters/queue/file_log/format/checksum.ts";
import { encodedRecordBytes } from "../../../adapters/queue/file_log/format/record_format.ts";
import { segmentName } from "../../../adapters/queue/file_log/format/segment_header.ts";
import { decodeIdentity } from "../../../adapters/queue/file_log/format/stored_page.ts";
import {
  type DurableEnd,
  readDurableEnd,
} from "../../../adapters/queue/file_log/segments/slots.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { consumeOn, directory, fastClock, openOn, runScenario, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";
import { createSyncFault } from "./sync_fault.ts";

const folder = `${directory}/${topic}`;
const record = (text: string) => ({ value: new TextEncoder().encode(text) });

function inodeOf({ state }: MemoryDisk, path: string): number {
  const inode = state.names.get(path);
  assert.ok(typeof inode === "number", `no file "${path}"`);
  return inode;
}

function logIdOf(disk: MemoryDisk): Uint8Array {
  const id = decodeIdentity(disk.state.files.get(inodeOf(disk, `${folder}/id`))!);
  assert.ok(id instanceof Uint8Array);
  return id;
}

async function durableEnd(disk: MemoryDisk) {
  return await readDurableEnd(await disk.open(`${folder}/durable`, "read"), logIdOf(disk));
}

/** What another process does to the last segment. */
async function underLock(
  disk: MemoryDisk,
  work: (file: DiskFile, end: DurableEnd, seed: number) => Promise<void>,
): Promise<void> {
  const lock = await disk.open(`${folder}/lock`, "write");
  while (!lock.tryLock()) await new Promise((resolve) => setTimeout(resolve, 0));
  const end = await durableEnd(disk);
  assert.ok(end !== undefined);
  const file = await disk.open(`${folder}/${segmentName(end.segment)}`, "write");
  await work(file, end, checksumSeed(logIdOf(disk), end.segment));
  lock.close();
}

/**
 * Leaves a whole batch behind the end, as a process that was killed before the durable slot said
 * so.
 */
function leaveBehind(disk: MemoryDisk, text: string, died: string): Promise<void> {
  return underLock(disk, async (file, end, seed) => {
    const batch = createGrowingBatch(topic);
    const left = record(text);
    void batch.add(left, encodedRecordBytes(left, left.value.length), end.time);
    await file.write(end.bytes, batch.seal(end.next, end.time, seed));
    if (died === "after a failed sync") await assert.rejects(file.sync(), DiskError);
  });
}

/**
 * Whatever the durable slot says is on the disk, were the power cut as it is written: readers rely
 * on that.
 */
async function assertSlotNeverAhead(steps: readonly DiskStep[], inode: number): Promise<number> {
  let looks = 0;
  for (const [n, step] of steps.entries()) {
    if (step.kind !== "write" || step.inode !== inode) continue;
    const live = createMemoryDisk(steps.slice(0, n + 1));
    const end = await durableEnd(live);
    if (end === undefined) continue;
    const path = `${folder}/${segmentName(end.segment)}`;
    const cut = createMemoryDisk(afterPowerCut(steps.slice(0, n + 1), "all lost"));
    const [kept, wanted] = [cut, live].map((disk) =>
      disk.state.files.get(inodeOf(disk, path))!.subarray(0, end.bytes)
    );
    assert.deepEqual(kept, wanted, `slot says ${end.next} at step ${n}`);
    looks++;
  }
  return looks;
}

async function valuesOf(log: EventLog): Promise<readonly string[]> {
  const values: string[] = [];
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { value } of batch.records) values.push(new TextDecoder().decode(value!));
  }
  return values;
}

describe("file log and the slots that others rely on", () => {
  it("the durable slot never says more than what is on the disk", async () => {
    const disk = createMemoryDisk();
    await runScenario(disk);
    const looks = await assertSlotNeverAhead(disk.steps, inodeOf(disk, `${folder}/durable`));
    assert.ok(looks > 10);
  });

  for (const died of ["before its sync", "after a failed sync"]) {
    for (const finder of ["a writer that knows the end", "one that starts"]) {
      it(`what a process leaves that died ${died} is synced by ${finder} and kept`, async () => {
        let fails = false;
        const disk = createMemoryDisk([], {
          sync() {
            if (fails) throw new DiskError("failed", "Input/output error");
          },
        });
        await using first = await openOn(disk);
        await first.publish(topic, record("first"));
        fails = true;
        await leaveBehind(disk, "left behind", died);
        fails = false;
        await using log = finder === "one that starts" ? await openOn(disk) : first;
        assert.deepEqual(await valuesOf(log), ["first", "left behind"]);
        await log.publish(topic, record("last"));
        await assertSlotNeverAhead(disk.steps, inodeOf(disk, `${folder}/durable`));
        assert.deepEqual(await valuesOf(log), ["first", "left behind", "last"]);
      });
    }
  }

  it("a process that died between two segments has nothing written behind its footer", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    await log.publish(topic, record("first"));
    await underLock(disk, async (file, end, seed) => {
      const { next, bytes: length, records: count, time } = end;
      await file.write(length, encodeFooter({ next, count, length, time }, seed));
    });
    await log.publish(topic, record("second"));
    assert.ok(disk.state.names.has(`${folder}/${segmentName(1)}`));
    assert.deepEqual(await valuesOf(log), ["first", "second"]);
  });

  it("what vanishes while the log is open is corrupt: its offsets are not given again", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    await log.publish(topic, record("first"));
    const { bytes } = await durableEnd(disk) ?? { bytes: 0 };
    await using other = await openOn(disk);
    await other.publish(topic, record("second"));
    await underLock(disk, async (file, end) => {
      await file.write(bytes, new Uint8Array(end.bytes - bytes));
    });
    assert.equal((await log.publish(topic, record("third"))).offset, 2n ** 32n + 2n);
    await assert.rejects(
      valuesOf(log),
      (error) => error instanceof QueueError && error.code === "corrupt",
    );
  });

  it("a reader that starts alone finds the newest segment, also where the slot is old", async () => {
    const fault = createSyncFault();
    const disk = createMemoryDisk([], fault);
    await using log = await openOn(disk);
    await log.publish(topic, record("before"));
    const inode = inodeOf(disk, `${folder}/durable`);
    const bytes = disk.state.files.get(inode)!.slice();
    fault.arm();
    await assert.rejects(log.publish(topic, record("unsure")));
    await log.publish(topic, record("after"));
    const old = createMemoryDisk([...disk.steps, { kind: "write", inode, at: 0, bytes }]);
    await using alone = await openOn(old);
    assert.deepEqual(await valuesOf(alone), ["before", "after"]);
  });

  it("times in the log never go back, whatever the clock does", async () => {
    const disk = createMemoryDisk();
    const yearMs = 365 * 86_400_000;
    let now = 1_700_000_000_000;
    await using log = await openFileLog({
      directory,
      disk,
      clock: { ...fastClock(), now: () => now },
      segmentBytes: 12 * 1024,
    });
    let last = 0;
    for (const jumpMs of [0, yearMs, -2 * yearMs, 0, yearMs, 3 * yearMs]) {
      now += jumpMs;
      await log.publish(topic, { value: new Uint8Array(5000) });
      const { time } = await durableEnd(disk) ?? { time: 0 };
      assert.ok(time >= last, `${time} after ${last}`);
      last = time;
    }
    assert.equal((await valuesOf(log)).length, 6);
  });

  it("a commit and the durable slot never need a new block", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    for (let n = 0; n < 12; n++) await log.publish(topic, record(`${n}`));
    await consumeOn(disk, log);
    for (const name of ["durable", "group.readers"]) {
      const inode = inodeOf(disk, `${folder}/${name}`);
      const [filling, sync, ...later] = disk.steps.filter((step) =>
        "inode" in step && step.inode === inode && step.kind !== "create"
      );
      assert.ok(filling?.kind === "write" && filling.at === 0 && sync?.kind === "sync", name);
      const ends = later.map((step) => step.kind === "write" ? step.at + step.bytes.length : 0);
      assert.ok(Math.max(...ends) <= filling.bytes.length, name);
      assert.ok(ends.length > 3);
    }
  });

  it("a slot that is torn while it is written leaves the other one", async () => {
    const disk = createMemoryDisk();
    {
      await using log = await openOn(disk);
      for (let n = 0; n < 6; n++) await log.publish(topic, record(`${n}`));
      await consumeOn(disk, log);
    }
    for (const name of ["durable", "group.readers"]) {
      const inode = inodeOf(disk, `${folder}/${name}`);
      const writes = disk.steps.flatMap((step) =>
        step.kind === "write" && step.inode === inode ? [step.at] : []
      ).slice(1);
      for (const [n, at] of writes.entries()) assert.notEqual(at, writes[n - 1], `${name}: ${n}`);
    }
  });

  it("a writer that never pauses does not starve another", async () => {
    const disk = createMemoryDisk();
    await using busy = await openOn(disk);
    await using other = await openOn(disk);
    await busy.publish(topic, record("first"));
    let stops = false;
    let written = 0;
    const writing = Promise.all([1, 2, 3].map(async () => {
      while (!stops) {
        await busy.publish(topic, record("busy"));
        written++;
        if (written > 5000) stops = true;
      }
    }));
    for (let n = 0; n < 5; n++) await other.publish(topic, record("other"));
    assert.equal(stops, false, "the other waited for 5,000 records");
    stops = true;
    await writing;
  });
});
