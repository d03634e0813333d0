/** What a log says and does whose files were damaged while nobody had it open. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { checksum, checksumSeed } from "../../../adapters/queue/file_log/format/checksum.ts";
import { sealPage } from "../../../adapters/queue/file_log/format/stored_page.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { consumeOn, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";

const folder = `/data/queue/${topic}`;
const segment = `${folder}/${"0".repeat(20)}.segment`;
const values = ["first", "second", "third"];
const headerBytes = 4096;
const encoder = new TextEncoder();

/** A log of three records, each a batch of its own, closed in order. */
async function threeBatches(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  await using log = await openOn(disk);
  for (const value of values) await log.publish(topic, { value: encoder.encode(value) });
  return disk;
}

/** The same disk with the bytes of one file changed. */
function changed(disk: MemoryDisk, path: string, change: (bytes: Uint8Array) => Uint8Array) {
  const inode = disk.state.names.get(path);
  assert.ok(typeof inode === "number", `no file "${path}"`);
  const bytes = change(disk.state.files.get(inode)!.slice());
  const steps: DiskStep[] = [
    ...disk.steps,
    { kind: "truncate", inode, length: 0 },
    { kind: "write", inode, at: 0, bytes },
  ];
  return createMemoryDisk(steps);
}

const withoutSlot = (disk: MemoryDisk): MemoryDisk =>
  changed(disk, `${folder}/durable`, (bytes) => bytes.fill(0));

/** What can be read, and how reading and then publishing end. */
async function outcomes(disk: MemoryDisk) {
  await using log = await openOn(disk);
  const code = (error: unknown) => error instanceof QueueError ? error.code : String(error);
  const read: string[] = [];
  const reading = await (async () => {
    for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
      for (const { value } of batch.records) read.push(new TextDecoder().decode(value!));
    }
    return "read";
  })().catch(code);
  const publishing = await log.publish(topic, { value: null }).then(() => "accepted", code);
  return { read, reading, publishing };
}

function assertPrefix(read: readonly string[], what: string): void {
  assert.deepEqual(read, values.slice(0, read.length), `${what}: wrong records`);
}

function usedBytes(disk: MemoryDisk): number {
  const inode = disk.state.names.get(segment);
  const bytes = disk.state.files.get(inode as number)!;
  // The last batch ends with padding.
  return Math.ceil((bytes.findLastIndex((byte) => byte !== 0) + 1) / 8) * 8;
}

describe("file log that was damaged", () => {
  it("a bit flipped in what was accepted stops readers as corrupt, and never the shop", async () => {
    const disk = await threeBatches();
    for (let at = headerBytes; at < usedBytes(disk); at++) {
      const flipped = changed(disk, segment, (bytes) => {
        bytes[at]! ^= 1 << (at % 8);
        return bytes;
      });
      const { read, reading, publishing } = await outcomes(flipped);
      assertPrefix(read, `bit flipped in byte ${at}`);
      assert.ok(read.length < values.length);
      assert.deepEqual([reading, publishing], ["corrupt", "accepted"], `byte ${at}`);
    }
  });

  it("without a durable slot, a flip is corrupt where a later batch tells so, else torn", async () => {
    const disk = withoutSlot(await threeBatches());
    const end = usedBytes(disk);
    let [torn, corrupt] = [0, 0];
    for (let at = headerBytes; at < end; at++) {
      const flipped = changed(disk, segment, (bytes) => {
        bytes[at]! ^= 1 << (at % 8);
        return bytes;
      });
      const { read, reading, publishing } = await outcomes(flipped);
      assertPrefix(read, `bit flipped in byte ${at}`);
      assert.equal(publishing, "accepted");
      if (reading === "read") torn++;
      else {
        assert.equal(reading, "corrupt", `byte ${at}`);
        corrupt++;
      }
    }
    assert.equal(torn * 2, corrupt, "one batch of three can be torn");
  });

  it("a segment cut at any byte is corrupt with its slot, and a prefix without", async () => {
    const disk = await threeBatches();
    for (let length = 0; length < usedBytes(disk); length++) {
      if (length % 64 !== 0 && length < headerBytes) continue;
      const cut = changed(disk, segment, (bytes) => bytes.slice(0, length));
      const { read, reading, publishing } = await outcomes(cut);
      assertPrefix(read, `cut at ${length}`);
      assert.deepEqual([reading, publishing], ["corrupt", "accepted"], `cut at ${length}`);
      const blind = await outcomes(withoutSlot(cut));
      assertPrefix(blind.read, `cut at ${length} without slot`);
    }
  });

  it("a commit tells what was accepted, too: the offsets before it are not given again", async () => {
    const disk = await threeBatches();
    {
      await using log = await openOn(disk);
      await consumeOn(disk, log);
    }
    const cut = changed(withoutSlot(disk), segment, (bytes) => bytes.slice(0, headerBytes + 80));
    const { read, reading, publishing } = await outcomes(cut);
    assertPrefix(read, "cut below a commit");
    assert.deepEqual([reading, publishing], ["corrupt", "accepted"]);
    // The group has read what was lost.
    await using log = await openOn(cut);
    const options = { group: "readers", until: "end" } as const;
    for await (const { records } of log.subscribe(topic, options)) {
      for (const { offset } of records) assert.ok(offset >= 2n ** 32n + 3n, `offset ${offset}`);
    }
  });

  it("another log's segment is corrupt; its positions and durable slot are nobody's", async () => {
    const disk = await threeBatches();
    {
      await using log = await openOn(disk);
      await consumeOn(disk, log);
    }
    const other = createMemoryDisk();
    other.note("so that its id is another");
    {
      await using log = await openOn(other);
      for (const value of values) await log.publish(topic, { value: encoder.encode(value) });
    }
    const foreign = other.state.files.get(other.state.names.get(segment) as number)!;
    for (const target of [disk, withoutSlot(disk)]) {
      const swapped = changed(target, segment, () => foreign);
      const { read, reading, publishing } = await outcomes(swapped);
      assert.deepEqual([read, reading, publishing], [[], "corrupt", "accepted"]);
    }
    const left = createMemoryDisk([
      ...disk.steps,
      { kind: "note", note: "so that its id is another" },
      ...[segment, `${folder}/id`].map((path) => ({ kind: "remove", path }) as const),
    ]);
    await using log = await openOn(left);
    assert.equal((await log.publish(topic, { value: encoder.encode("new") })).offset, 0n);
    const options = { group: "readers", from: "earliest", until: "end" } as const;
    const read: string[] = [];
    for await (const batch of log.subscribe(topic, options)) {
      read.push(...batch.records.map((record) => new TextDecoder().decode(record.value!)));
    }
    assert.deepEqual(read, ["new"]);
  });

  it("garbage behind the end is cut, and what was accepted stays", async () => {
    const disk = changed(await threeBatches(), segment, (bytes) => {
      const garbage = new Uint8Array(Math.max(bytes.length, 6000)).fill(0x5a, 5000);
      garbage.set(bytes.subarray(0, 5000));
      return garbage;
    });
    const { read, publishing } = await outcomes(disk);
    assert.deepEqual([read, publishing], [values, "accepted"]);
    const left = disk.state.files.get(disk.state.names.get(segment) as number)!;
    assert.ok(!left.includes(0x5a), "garbage is left");
  });

  it("a missing segment is corrupt", async () => {
    const disk = createMemoryDisk();
    {
      await using log = await openOn(disk);
      for (let n = 0; n < 30; n++) await log.publish(topic, { value: new Uint8Array(1000) });
    }
    const segments = [...disk.state.names.keys()].filter((p) => p.endsWith(".segment")).toSorted();
    assert.ok(segments.length >= 3);
    // The first ones can be missing because of their age.
    for (const path of segments.slice(1)) {
      const without = createMemoryDisk([...disk.steps, { kind: "remove", path }]);
      const { reading, publishing } = await outcomes(without);
      assert.deepEqual([reading, publishing], ["corrupt", "accepted"], `without "${path}"`);
    }
  });

  it("a segment without its end is corrupt where records are lost, else read whole", async () => {
    const disk = createMemoryDisk();
    {
      await using log = await openOn(disk);
      for (let n = 0; n < 30; n++) await log.publish(topic, { value: new Uint8Array(1000) });
    }
    for (const [cut, wanted] of [[64, "read"], [72, "corrupt"]] as const) {
      const short = changed(disk, segment, (bytes) => bytes.slice(0, -cut));
      const { reading, publishing } = await outcomes(short);
      assert.deepEqual([reading, publishing], [wanted, "accepted"], `shorter by ${cut}`);
    }
    const bad = changed(disk, segment, (bytes) => {
      bytes[bytes.length - 8]! ^= 1;
      return bytes;
    });
    const { reading, publishing } = await outcomes(bad);
    assert.deepEqual([reading, publishing], ["read", "accepted"], "bad footer");
  });

  it("a bit flipped in a page of fields is never believed", async () => {
    const disk = await threeBatches();
    {
      await using log = await openOn(disk);
      await consumeOn(disk, log);
    }
    for (const [name, from, to] of [["durable", 32, 84], ["durable", 2080, 2132]] as const) {
      for (let at = from; at < to; at++) {
        const flipped = changed(disk, `${folder}/${name}`, (bytes) => {
          bytes[at]! ^= 1 << (at % 8);
          return bytes;
        });
        const { read, publishing } = await outcomes(flipped);
        assert.deepEqual([read, publishing], [values, "accepted"], `byte ${at} of ${name}`);
      }
    }
    for (let at = 16; at < 88; at++) {
      const flipped = changed(disk, segment, (bytes) => {
        bytes[at]! ^= 1 << (at % 8);
        return bytes;
      });
      const { reading, publishing } = await outcomes(flipped);
      assert.deepEqual([reading, publishing], ["corrupt", "accepted"], `byte ${at} of the header`);
    }
  });

  it("S9 what is of a later format version is refused with unsupported, and left as it is", async () => {
    const disk = await threeBatches();
    const pages = [[segment, "SFLOGSEG", 4096], [`${folder}/id`, "SFLOG-ID", 64]] as const;
    const later = pages.map(([path, magic, length]) =>
      [
        path,
        (bytes: Uint8Array) => bytes.set(sealPage(bytes.slice(0, length), magic, 2)),
      ] as const
    );
    const lastBatch = (bytes: Uint8Array): void => {
      const seed = checksumSeed(bytes.slice(16, 32), 0);
      const view = new DataView(bytes.buffer);
      let at = headerBytes;
      for (let n = 1; n < values.length; n++) at += view.getUint32(at + 12, true);
      view.setUint16(at + 8, 2, true);
      const length = view.getUint32(at + 12, true);
      view.setUint32(at + 4, checksum(bytes.subarray(at + 8, at + length), seed), true);
    };
    for (const [path, change] of [...later, [segment, lastBatch] as const]) {
      const newer = changed(disk, path, (bytes) => (change(bytes), bytes));
      const before = newer.state.files.get(newer.state.names.get(path) as number)!.slice();
      const { reading, publishing } = await outcomes(newer);
      assert.deepEqual([reading, publishing], ["unsupported", "unsupported"], path);
      const after = newer.state.files.get(newer.state.names.get(path) as number);
      assert.deepEqual(after, before, path);
    }
  });

  it("S9 a group's position of a later format version is refused with unsupported", async () => {
    const disk = await threeBatches();
    const options = { group: "g", from: "earliest", until: "end" } as const;
    {
      await using log = await openOn(disk);
      for await (const batch of log.subscribe(topic, options)) await batch.commit();
    }
    const newer = changed(disk, `${folder}/group.g`, (bytes) => {
      bytes.set(sealPage(bytes.slice(0, 4096), "SFLOGGRP", 2));
      return bytes;
    });
    await using log = await openOn(newer);
    const reading = (async () => {
      for await (const _ of log.subscribe(topic, options));
    })();
    await assert.rejects(reading, { code: "unsupported" });
  });

  it("one broken slot of a group costs nothing but the last commit", async () => {
    const disk = await threeBatches();
    const options = { group: "g", from: "earliest", until: "end", maxRecords: 1 } as const;
    {
      await using log = await openOn(disk);
      for await (const batch of log.subscribe(topic, options)) await batch.commit();
    }
    for (const slot of [0, 4096]) {
      const broken = changed(disk, `${folder}/group.g`, (bytes) => {
        bytes[slot + 40]! ^= 4;
        return bytes;
      });
      await using log = await openOn(broken);
      const read: string[] = [];
      for await (const batch of log.subscribe(topic, options)) {
        read.push(...batch.records.map((record) => new TextDecoder().decode(record.value!)));
      }
      assert.ok(read.length <= 1, `read again: ${read}`);
    }
  });
});
