/** Damage behind which the log goes on, and readers with it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { decodeIdentity } from "../../../adapters/queue/file_log/format/stored_page.ts";
import { readGroupState } from "../../../adapters/queue/file_log/segments/slots.ts";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import { directory, openOn, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";
import { createSyncFault } from "./sync_fault.ts";

const folder = `${directory}/${topic}`;
const jump = 2n ** 32n;
const record = (text: string) => ({ value: new TextEncoder().encode(text) });
const count = 30;

/** Segments of about eight records, each in a batch of its own. */
async function severalSegments(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  await using log = await openOn(disk);
  for (let n = 0; n < count; n++) await log.publish(topic, record(`${n}:${"x".repeat(900)}`));
  return disk;
}

const segmentsOf = ({ state }: MemoryDisk): readonly string[] =>
  [...state.names.keys()].filter((path) => path.endsWith(".segment")).toSorted();

function fileOf({ state }: MemoryDisk, path: string): { inode: number; bytes: Uint8Array } {
  const inode = state.names.get(path);
  assert.ok(typeof inode === "number", `no file "${path}"`);
  return { inode, bytes: state.files.get(inode) ?? new Uint8Array(0) };
}

function flipped(disk: MemoryDisk, path: string, at: number): MemoryDisk {
  const { inode, bytes } = fileOf(disk, path);
  const changed = Uint8Array.of((bytes[at] ?? 0) ^ (1 << (at % 8)));
  return createMemoryDisk([...disk.steps, { kind: "write", inode, at, bytes: changed }, {
    kind: "sync",
    inode,
  }]);
}

/**
 * What a group reads and commits that goes on behind damage, and what its slot says of the rest.
 */
async function skipThrough(disk: MemoryDisk, telemetry?: Telemetry) {
  const options = { group: "g", from: "earliest", until: "end", maxRecords: 4 } as const;
  const read: string[] = [];
  {
    await using log = await openOn(disk, { skipCorrupt: true, ...(telemetry && { telemetry }) });
    for await (const batch of log.subscribe(topic, options)) {
      for (const { value } of batch.records) {
        read.push(new TextDecoder().decode(value ?? undefined).split(":")[0] ?? "");
      }
      await batch.commit();
    }
  }
  return { read, dropped: await droppedBy(disk, "g") };
}

async function droppedBy(disk: MemoryDisk, group: string): Promise<number> {
  const id = decodeIdentity(fileOf(disk, `${folder}/id`).bytes);
  assert.ok(id instanceof Uint8Array);
  const { bytes } = fileOf(disk, `${folder}/group.${group}`);
  const copy = createMemoryDisk([
    { kind: "create", path: "/group", inode: 1 },
    { kind: "write", inode: 1, at: 0, bytes },
  ]);
  const state = await readGroupState(await copy.open("/group", "read"), id);
  assert.ok(typeof state === "object");
  return state.dropped;
}

function assertAccounted(read: readonly string[], dropped: number, what: string): void {
  assert.equal(read.at(-1), "after", what);
  const numbers = read.slice(0, -1).map(Number);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), `${what}: order`);
  assert.equal(new Set(numbers).size + dropped, count, `${what}: read and dropped`);
}

describe("file log behind damage", () => {
  it("goes on in a new segment, 2^32 offsets on, and reports it", async () => {
    const disk = await severalSegments();
    const last = segmentsOf(disk).at(-1) ?? "";
    const broken = flipped(disk, last, 4096 + 60);
    const counted: string[] = [];
    const telemetry = { count: (name: string) => counted.push(name), gauge() {}, histogram() {} };
    await using log = await openOn(broken, { telemetry });
    const { offset } = await log.publish(topic, record("after"));
    assert.equal(offset, BigInt(count) + jump);
    assert.ok(counted.includes("shelfcast.file_log.corruptions"));
    assert.equal(segmentsOf(broken).length, segmentsOf(disk).length + 1);
  });

  it("a damaged identity is made anew from the segments", async () => {
    const disk = await severalSegments();
    for (const at of [0, 8, 16, 31, 63]) {
      const broken = flipped(disk, `${folder}/id`, at);
      {
        await using log = await openOn(broken);
        assert.equal((await log.publish(topic, record("after"))).offset, BigInt(count));
      }
      assert.deepEqual(fileOf(broken, `${folder}/id`).bytes, fileOf(disk, `${folder}/id`).bytes);
      const { read, dropped } = await skipThrough(broken);
      assertAccounted(read, dropped, `byte ${at} of the identity`);
      assert.equal(dropped, 0);
    }
  });

  it("reports damage in an older segment, and goes on where it was", async () => {
    const disk = await severalSegments();
    const [first = "", second = ""] = segmentsOf(disk);
    const { inode, bytes } = fileOf(disk, first);
    const damages: readonly DiskStep[] = [
      { kind: "remove", path: second },
      { kind: "truncate", inode, length: bytes.length - 64 },
    ];
    for (const damage of damages) {
      const counted: string[] = [];
      const telemetry = { count: (name: string) => counted.push(name), gauge() {}, histogram() {} };
      await using log = await openOn(createMemoryDisk([...disk.steps, damage]), { telemetry });
      const { offset } = await log.publish(topic, record("after"));
      assert.equal(offset, BigInt(count));
      assert.ok(counted.includes("shelfcast.file_log.corruptions"), damage.kind);
    }
  });

  it("another writer does not append to a segment that was left as damaged", async () => {
    const disk = await severalSegments();
    await using survivor = await openOn(disk);
    await survivor.publish(topic, record("by the survivor"));
    const last = segmentsOf(disk).at(-1) ?? "";
    const file = await disk.open(last, "write");
    await file.write(4096 + 60, Uint8Array.of((fileOf(disk, last).bytes[4096 + 60] ?? 0) ^ 1));
    let dies = false;
    await assert.rejects(
      openOn({
        ...disk,
        open(path, mode) {
          dies ||= path.endsWith(".segment") && mode === "create";
          if (dies) return Promise.reject(new DiskError("failed", "Killed"));
          return disk.open(path, mode);
        },
      }).then((log) => log.publish(topic, record("never"))),
    );
    const { offset } = await survivor.publish(topic, record("after"));
    assert.ok(offset > jump, `offset ${offset}`);
  });

  it("with skipCorrupt a group reads what is whole, and counts the rest once, as dropped", async () => {
    const disk = await severalSegments();
    let lost = 0;
    for (const [n, path] of segmentsOf(disk).entries()) {
      for (const at of [20, 4096 + 6, 4096 + 2000, 4096 + 5500]) {
        // Some places of the last segment are empty.
        if (at >= fileOf(disk, path).bytes.length) continue;
        const what = `byte ${at} of segment ${n}`;
        const broken = flipped(disk, path, at);
        {
          await using log = await openOn(broken);
          await log.publish(topic, record("after"));
        }
        const { read, dropped } = await skipThrough(broken);
        assertAccounted(read, dropped, what);
        assert.ok(dropped <= 1, `${what} costs ${dropped} records`);
        lost += dropped;
        const again = await skipThrough(broken);
        assert.deepEqual(again, { read: [], dropped }, `${what}, read again`);
      }
    }
    assert.ok(lost >= 8, `${lost} lost`);
  });

  it("a segment that is missing is counted as dropped, too, and told as a number", async () => {
    const disk = await severalSegments();
    for (const path of segmentsOf(disk).slice(1)) {
      const without = createMemoryDisk([...disk.steps, { kind: "remove", path }, {
        kind: "sync directory",
        path: folder,
      }]);
      {
        await using log = await openOn(without);
        await log.publish(topic, record("after"));
      }
      let told = 0;
      const { read, dropped } = await skipThrough(without, {
        count(name, attributes, by = 1) {
          if (name === "shelfcast.file_log.dropped" && attributes?.["reason"] === "corrupt") {
            told += by;
          }
        },
        gauge() {},
        histogram() {},
      });
      assertAccounted(read, dropped, `without "${path}"`);
      assert.equal(told, dropped);
      assert.ok(dropped > 0);
    }
  });

  it("the power cut while it leaves a damaged segment loses and hides nothing", async () => {
    const disk = await severalSegments();
    const last = segmentsOf(disk).at(-1) ?? "";
    const broken = flipped(disk, last, 4096 + 60);
    const before = broken.steps.length;
    {
      await using log = await openOn(broken);
      await log.publish(topic, record("after"));
    }
    const steps: readonly DiskStep[] = [...broken.steps];
    for (let length = before; length <= steps.length; length++) {
      for (const luck of ["all lost", "all kept"] as const) {
        const cut = createMemoryDisk(afterPowerCut(steps.slice(0, length), luck));
        {
          await using log = await openOn(cut);
          await log.publish(topic, record("after"));
        }
        const { read, dropped } = await skipThrough(cut);
        const firstAfter = read.indexOf("after");
        assertAccounted(read.slice(0, firstAfter + 1), dropped, `after step ${length}, ${luck}`);
        assert.equal(dropped, 1);
      }
    }
  });

  it("a reader does not spin where offsets jump and nothing follows yet", async () => {
    const fault = createSyncFault();
    const disk = createMemoryDisk([], fault);
    await using log = await openOn(disk);
    await log.publish(topic, record("before"));
    fault.arm();
    await assert.rejects(log.publish(topic, record("unsure")));
    const read: bigint[] = [];
    for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
      read.push(...records.map(({ offset }) => offset));
    }
    assert.deepEqual(read, [0n]);
  });
});
