/** What stands in a log after an append that failed, and what goes on behind it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { durableFileBytes, readDurableEnd } from "../../adapters/queue/file_log/segments/slots.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { directory, openOn, topic } from "../adapters/file_log/crash_scenario.ts";
import { createMemoryDisk, type MemoryDisk } from "../adapters/file_log/memory_disk.ts";
import { createSyncFault, isSegment } from "../adapters/file_log/sync_fault.ts";

const folder = `${directory}/${topic}`;
const record = (text: string) => ({ value: new TextEncoder().encode(text) });

/** The record's offset, or why it was refused. */
function sent(log: EventLog, text: string): Promise<number | string> {
  return log.publish(topic, record(text)).then(
    ({ offset }) => Number(offset),
    (error) => error instanceof QueueError ? error.code : String(error),
  );
}

async function valuesOn(disk: MemoryDisk): Promise<readonly string[]> {
  await using log = await openOn(disk);
  const values: string[] = [];
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { value } of batch.records) values.push(new TextDecoder().decode(value!));
  }
  return values;
}

function bytesOf({ state }: MemoryDisk, path: string): Uint8Array {
  return state.files.get(state.names.get(path) as number) ?? new Uint8Array(0);
}

/** What stands in the last segment behind the durable end, and is not zero. */
async function bytesBehindEnd(disk: MemoryDisk): Promise<number> {
  const logId = bytesOf(disk, `${folder}/id`).slice(16, 32);
  const end = await readDurableEnd(await disk.open(`${folder}/durable`, "read"), logId);
  assert.ok(end !== undefined);
  const path = `${folder}/${String(end.segment).padStart(20, "0")}.segment`;
  return bytesOf(disk, path).subarray(end.bytes).filter((byte) => byte !== 0).length;
}

describe("file log after an append that failed", () => {
  it("the offset of a record that may stand is not given to another", async () => {
    const fault = createSyncFault();
    const disk = createMemoryDisk([], fault);
    await using log = await openOn(disk);
    assert.equal(await sent(log, "before"), 0);
    fault.arm();
    assert.equal(await sent(log, "may stand at 1"), "outcome_unknown");
    assert.equal(await sent(log, "after"), 2);
  });

  it("what was sent behind a record that failed is refused, also where the disk is well again", async () => {
    const fault = createSyncFault();
    const disk = createMemoryDisk([], fault);
    await using log = await openOn(disk);
    await sent(log, "before");
    fault.arm();
    const steps = disk.steps.length;
    const first = sent(log, "first");
    while (disk.steps.length === steps) await Promise.resolve();
    const second = sent(log, "second");
    assert.deepEqual(await Promise.all([first, second]), ["outcome_unknown", "unavailable"]);
  });

  it("a short write leaves nothing behind the end", async () => {
    let room = Infinity;
    const disk = createMemoryDisk([], {
      write: (path, bytes) => isSegment(path) ? Math.min(room, bytes.length) : bytes.length,
    });
    await using log = await openOn(disk);
    assert.equal(await sent(log, "before"), 0);
    room = 20;
    assert.equal(await sent(log, "no room"), "full");
    room = Infinity;
    assert.equal(await bytesBehindEnd(disk), 0);
    assert.equal(await sent(log, "after"), 1);
    assert.equal(await bytesBehindEnd(disk), 0);
  });

  it("a torn batch is cut: nothing of it stands behind the end", async () => {
    const disk = createMemoryDisk();
    {
      await using log = await openOn(disk);
      await sent(log, "before");
    }
    const segment = `${folder}/${"0".repeat(20)}.segment`;
    const inode = disk.state.names.get(segment) as number;
    const at = bytesOf(disk, segment).length;
    const torn = createMemoryDisk([
      ...disk.steps,
      { kind: "write", inode, at, bytes: new Uint8Array(durableFileBytes).fill(0x5a) },
    ]);
    await using log = await openOn(torn);
    assert.equal(await sent(log, "after"), 1);
    assert.equal(await bytesBehindEnd(torn), 0);
  });

  it("where a writer died between two segments, what another accepts stays", async () => {
    const fault = createSyncFault();
    let slotWritesLeft = 0;
    const disk = createMemoryDisk([], {
      sync: fault.sync,
      write: (path, bytes) =>
        path.endsWith("/durable") && slotWritesLeft > 0 && --slotWritesLeft === 0
          ? 0
          : bytes.length,
    });
    await using survivor = await openOn(disk);
    const dying = await openOn(disk);
    assert.equal(typeof await sent(survivor, "one"), "number");
    assert.equal(typeof await sent(dying, "two"), "number");
    fault.arm();
    // The slot says that the segment is being left, but not that there is a next one.
    slotWritesLeft = 2;
    assert.equal(await sent(dying, "may stand"), "outcome_unknown");
    await dying[Symbol.asyncDispose]();
    assert.equal(typeof await sent(survivor, "three"), "number");
    await survivor[Symbol.asyncDispose]();
    {
      await using later = await openOn(disk);
      assert.equal(typeof await sent(later, "four"), "number");
    }
    assert.deepEqual(await valuesOn(disk), ["one", "two", "three", "four"]);
  });
});
