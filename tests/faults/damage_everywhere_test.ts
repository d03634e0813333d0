/** Every byte of a log is damaged in turn, and each part of it is taken away. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { QueueError } from "../../src/ports/queue_error.ts";
import { directory, openOn, topic } from "../adapters/file_log/crash_scenario.ts";
import {
  afterPowerCut,
  createMemoryDisk,
  type DiskStep,
  type MemoryDisk,
} from "../adapters/file_log/memory_disk.ts";
import { rounds, seeded } from "./campaign.ts";

const folder = `${directory}/${topic}`;
const pageBytes = 4096;
type Change = (bytes: Uint8Array) => Uint8Array;

/** A log that was closed in order. */
interface Whole {
  readonly steps: readonly DiskStep[];
  readonly values: readonly string[];
  /** Paths, the oldest first. */
  readonly segments: readonly string[];
}

/** Each record a batch of its own; values of `valueBytes` bytes. */
async function wholeLog(count: number, valueBytes: number, isOther = false): Promise<Whole> {
  const disk = createMemoryDisk();
  if (isOther) disk.note("so that its id is another");
  const values: string[] = [];
  {
    await using log = await openOn(disk);
    for (let n = 0; n < count; n++) {
      values.push(`${n}:`.padEnd(valueBytes, String.fromCharCode(97 + n)));
      await log.publish(topic, { value: new TextEncoder().encode(values[n]) });
    }
  }
  const segments = [...disk.state.names.keys()].filter((p) => p.endsWith(".segment")).toSorted();
  return { steps: afterPowerCut(disk.steps, "all kept"), values, segments };
}

function contentOf({ state }: MemoryDisk, path: string): { inode: number; bytes: Uint8Array } {
  const inode = state.names.get(path);
  assert.ok(typeof inode === "number", path);
  return { inode, bytes: state.files.get(inode) ?? new Uint8Array(0) };
}

function changed(steps: readonly DiskStep[], path: string, change: Change): readonly DiskStep[] {
  const { inode, bytes } = contentOf(createMemoryDisk(steps), path);
  const after = change(bytes.slice());
  return [
    ...steps,
    { kind: "truncate", inode, length: 0 },
    { kind: "write", inode, at: 0, bytes: after },
  ];
}

const withoutSlot = (steps: readonly DiskStep[]): readonly DiskStep[] =>
  changed(steps, `${folder}/durable`, (bytes) => bytes.fill(0));

/** What a reader gets, how its reading ends, and what becomes of the next record. */
async function look(steps: readonly DiskStep[]) {
  const code = (error: unknown) => error instanceof QueueError ? error.code : String(error);
  await using log = await openOn(createMemoryDisk(steps));
  const read: string[] = [];
  const reading = await (async () => {
    for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
      for (const { value } of batch.records) read.push(new TextDecoder().decode(value!));
    }
    return "whole";
  })().catch(code);
  const next = await log.publish(topic, { value: null })
    .then(({ offset }) => Number(offset), code);
  return { read, reading, next };
}

const tally = { looks: 0, whole: 0, corrupt: 0, torn: 0 };

/**
 * Nothing wrong: what is read is what was accepted, from the first on, and no offset is given
 * again. Nothing silent: what cannot be read is reported, but for `mayBeTorn` records at the end,
 * of which nothing says any more that they were accepted.
 */
async function assertHonest(
  { values }: Whole,
  steps: readonly DiskStep[],
  what: string,
  mayBeTorn = 0,
): Promise<void> {
  const { read, reading, next } = await look(steps);
  tally.looks++;
  assert.ok(read.every((value, n) => value === values[n]), `${what}: wrong records`);
  const lost = values.length - read.length;
  if (reading === "whole" && lost === 0) tally.whole++;
  else if (reading === "whole" && lost <= mayBeTorn) tally.torn++;
  else {
    assert.equal(reading, "corrupt", `${what}: ${lost} lost`);
    tally.corrupt++;
  }
  if (typeof next === "string") assert.equal(next, "corrupt", what);
  else assert.ok(next >= values.length - mayBeTorn, `${what}: offset ${next} was given twice`);
}

/** Where what was written ends: the last batch's padding is part of it. */
function usedBytes(steps: readonly DiskStep[], path: string): number {
  const { bytes } = contentOf(createMemoryDisk(steps), path);
  return Math.ceil((bytes.findLastIndex((byte) => byte !== 0) + 1) / 8) * 8;
}

describe("file log, damaged everywhere", () => {
  it("S6 cut at every byte of its last segment: nothing wrong, nothing silent", async () => {
    const log = await wholeLog(7, 1500);
    const last = log.segments.at(-1)!;
    const end = usedBytes(log.steps, last);
    for (let length = 0; length < end; length += rounds(1, 61)) {
      const cut = changed(log.steps, last, (bytes) => bytes.slice(0, length));
      await assertHonest(log, cut, `cut at ${length}`);
    }
  });

  it("S6 every byte flipped twice, in each segment: nothing wrong, nothing silent", async () => {
    const log = await wholeLog(7, 1500);
    assert.ok(log.segments.length >= 2);
    for (const path of log.segments) {
      const end = usedBytes(log.steps, path);
      for (let at = 0; at < end; at += rounds(1, 61)) {
        for (const bit of [at % 8, (at + 3) % 8]) {
          const flipped = changed(log.steps, path, (bytes) => {
            bytes[at]! ^= 1 << bit;
            return bytes;
          });
          await assertHonest(log, flipped, `bit ${bit} of byte ${at} in ${path}`);
        }
      }
    }
  });

  it("S6 a hole of 4 KiB at every page of the last batch: corrupt, or torn without a slot", async () => {
    const log = await wholeLog(2, 60_000);
    const last = log.segments.at(-1)!;
    const end = usedBytes(log.steps, last);
    for (let page = pageBytes; page < end; page += pageBytes) {
      const hole = changed(log.steps, last, (bytes) => bytes.fill(0, page, page + pageBytes));
      await assertHonest(log, hole, `hole at ${page}`);
      await assertHonest(log, withoutSlot(hole), `hole at ${page} without a slot`, 1);
    }
  });

  it("S6 tails of zeros and of garbage: nothing wrong, nothing silent", async () => {
    const log = await wholeLog(7, 1500);
    const last = log.segments.at(-1)!;
    const end = usedBytes(log.steps, last);
    const random = seeded(6);
    for (let from = pageBytes; from <= end; from += rounds(8, 200)) {
      for (const fill of [() => 0, () => Math.floor(random() * 256)]) {
        const filled = changed(log.steps, last, (bytes) => {
          const longer = new Uint8Array(Math.max(bytes.length, from + 3 * pageBytes));
          longer.set(bytes);
          return longer.map((byte, at) => at < from ? byte : fill());
        });
        await assertHonest(log, filled, `tail from ${from}`);
      }
    }
  });

  it("S6 a segment missing, swapped with another, or of another log: nothing wrong, nothing silent", async () => {
    const log = await wholeLog(14, 1500);
    assert.ok(log.segments.length >= 3);
    const foreign = await wholeLog(14, 1500, true);
    for (const [n, path] of log.segments.entries()) {
      await assertHonest(log, [...log.steps, { kind: "remove", path }], `without ${path}`);
      for (const [m, other] of log.segments.entries()) {
        if (n === m) continue;
        const [here, there] = [path, other].map((name) =>
          contentOf(createMemoryDisk(log.steps), name).bytes
        );
        const swapped = changed(changed(log.steps, path, () => there!), other, () => here!);
        await assertHonest(log, swapped, `${path} swapped with ${other}`);
      }
      const theirs = contentOf(createMemoryDisk(foreign.steps), foreign.segments[n]!).bytes;
      const mixed = changed(log.steps, path, () => theirs);
      await assertHonest(log, mixed, `${path} of another log`);
    }
  });

  it("S6 none of all these was wrong or silent", () => {
    const { looks, whole, corrupt, torn } = tally;
    console.log(
      `damage: ${looks} logs, ${corrupt} reported as corrupt, ${whole} whole, ${torn} torn, 0 wrong, 0 silent`,
    );
    assert.equal(whole + corrupt + torn, looks);
    assert.ok(looks > rounds(15_000, 300));
  });
});
