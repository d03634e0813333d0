/**
 * Writes and syncs that fail, hang or are short: nothing accepted is lost, nothing refused stands.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { textLine } from "../../../src/process/log_format.ts";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";
import {
  assertSurvived,
  directory,
  fastClock,
  openOn,
  publishOn,
  topic,
} from "./crash_scenario.ts";
import {
  afterPowerCut,
  createMemoryDisk,
  type DiskFaults,
  type MemoryDisk,
} from "./memory_disk.ts";
import { createSyncFault, isSegment } from "./sync_fault.ts";

const record = (text: string) => ({ value: new TextEncoder().encode(text) });

async function outcome(log: EventLog, text: string): Promise<string> {
  try {
    await log.publish(topic, record(text));
    return "accepted";
  } catch (error) {
    return error instanceof QueueError ? error.code : String(error);
  }
}

/** All that stands, as a log reads it; by default one that is opened for it. */
async function valuesOf(disk: MemoryDisk, open?: EventLog): Promise<readonly string[]> {
  const log = open ?? await openOn(disk);
  const values: string[] = [];
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { value } of batch.records) values.push(new TextDecoder().decode(value!));
  }
  if (open === undefined) await log[Symbol.asyncDispose]();
  return values;
}

describe("file log on a disk that fails", () => {
  it("a topic that cannot be opened at the start is logged in a line, without a stack", async () => {
    using logs = collectLogs();
    const disk = createMemoryDisk([], { write: () => 0 });
    await using _log = await openFileLog({ directory, disk, clock: fastClock(), topics: [topic] });
    const lines = logs.lines.map(textLine);
    assert.match(lines[0] ?? "", /cannot be opened: .*space/);
    assert.doesNotMatch(lines.join(), /\n/);
  });

  it("a failed sync rejects with outcome_unknown, and the next record is accepted", async () => {
    const fault = createSyncFault();
    const disk = createMemoryDisk([], fault);
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "before"), "accepted");
    fault.arm();
    assert.equal(await outcome(log, "unsure"), "outcome_unknown");
    assert.equal(await outcome(log, "after"), "accepted");
    const segments = [...disk.state.names.keys()].filter(isSegment);
    assert.equal(segments.length, 2, "nothing is appended behind a failed sync");
  });

  it("a record behind one whose sync failed is refused, so that order holds", async () => {
    let fails = true;
    const disk = createMemoryDisk([], {
      sync(path) {
        if (!fails || !isSegment(path)) return;
        throw new DiskError("failed", "Input/output error");
      },
    });
    await using log = await openOn(disk);
    fails = false;
    assert.equal(await outcome(log, "before"), "accepted");
    fails = true;
    const first = outcome(log, "first");
    await Promise.resolve();
    const sent = ["second", "third"].map((text) => outcome(log, text));
    assert.equal(await first, "outcome_unknown");
    for (const code of await Promise.all(sent)) assert.notEqual(code, "accepted");
    fails = false;
  });

  it("a segment is laid out ahead while it is written, and as long as its records afterwards", async () => {
    const disk = createMemoryDisk();
    const log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "accepted");
    const inode = disk.state.names.get(`${directory}/${topic}/${"0".repeat(20)}.segment`);
    const length = () => disk.state.files.get(inode as number)!.length;
    assert.equal(length(), 12 * 1024);
    await log[Symbol.asyncDispose]();
    assert.ok(length() < 5000);
  });

  it("a reader can start while a writer never pauses", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "first"), "accepted");
    let stops = false;
    const writing = Promise.all([1, 2, 3].map(async (n) => {
      while (!stops) assert.equal(await outcome(log, `${n}`), "accepted");
    }));
    const reading = log.subscribe(topic, { from: "earliest" })[Symbol.asyncIterator]();
    assert.equal((await reading.next()).done, false);
    stops = true;
    await writing;
    await reading.return?.();
  });

  it("a reader gets nothing before it is synced and the durable slot says so", async () => {
    let release = (): void => {};
    let gate: Promise<void> | undefined;
    const disk = createMemoryDisk([], { sync: (path) => isSegment(path) ? gate : undefined });
    await using writer = await openOn(disk);
    await using other = await openOn(disk);
    assert.equal(await outcome(writer, "durable"), "accepted");
    gate = new Promise((resolve) => release = resolve);
    const steps = disk.steps.length;
    const pending = outcome(writer, "not yet");
    const isWritten = () => disk.steps.slice(steps).some((step) => step.kind === "write");
    while (!isWritten()) await new Promise((resolve) => setTimeout(resolve, 0));
    const reading = other.subscribe(topic, { from: "earliest" })[Symbol.asyncIterator]();
    const first = await reading.next();
    assert.equal(first.value?.records.length, 1);
    assert.equal(first.value?.end, 1n);
    let early = true;
    const second = reading.next().then((result) => [early, result.value?.records.length]);
    assert.deepEqual(await valuesOf(disk, other), ["durable"]);
    early = false;
    gate = undefined;
    release();
    assert.equal(await pending, "accepted");
    assert.deepEqual(await second, [false, 1]);
    await reading.return?.();
  });

  it("a disk that hangs bounds what is held, and lets the log close", async () => {
    let hangs = false;
    const disk = createMemoryDisk([], {
      sync: (path) => hangs && isSegment(path) ? new Promise<void>(() => {}) : undefined,
    });
    const log = await openFileLog({
      directory,
      disk,
      clock: fastClock(),
      maxPendingBytes: 10_000,
    });
    assert.equal(await outcome(log, "before"), "accepted");
    hangs = true;
    const sent = Array.from({ length: 20 }, (_, n) => outcome(log, `${n}`.repeat(500)));
    assert.equal(await sent[19], "full");
    await log[Symbol.asyncDispose]();
    const codes = new Set(await Promise.all(sent));
    assert.deepEqual(codes, new Set(["outcome_unknown", "full"]));
  });

  it("a write that hangs while its log is closed does not land on what another accepts", async () => {
    let release = (): void => {};
    let gate: Promise<void> | undefined;
    const disk = createMemoryDisk([], {
      async write(path, bytes) {
        if (isSegment(path)) await gate;
        return bytes.length;
      },
    });
    const log = await openOn(disk);
    assert.equal(await outcome(log, "before"), "accepted");
    gate = new Promise((resolve) => release = resolve);
    const hanging = outcome(log, "hanging");
    await log[Symbol.asyncDispose]();
    assert.equal(await hanging, "outcome_unknown");
    gate = undefined;
    await using other = await openFileLog({
      directory,
      disk,
      clock: fastClock(),
      acceptBudgetMs: 5,
    });
    const early = await outcome(other, "early");
    release();
    const accepted = ["before", ...(early === "accepted" ? ["early"] : [])];
    while (await outcome(other, "late") !== "accepted");
    const values = await valuesOf(disk, other);
    for (const value of [...accepted, "late"]) assert.ok(values.includes(value), value);
  });

  it("two that make a topic at once do not blank each other's durable slot", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => release = resolve);
    let isFirst = true;
    const disk = createMemoryDisk([], {
      async write(path, bytes) {
        if (isFirst && path.endsWith("/durable")) {
          isFirst = false;
          await gate;
        }
        return bytes.length;
      },
    });
    await using slow = await openOn(disk);
    await using quick = await openOn(disk);
    const outcomes = [outcome(slow, "slow"), outcome(quick, "quick")];
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    release();
    assert.deepEqual(await Promise.all(outcomes), ["accepted", "accepted"]);
    const inode = disk.state.names.get(`${directory}/${topic}/durable`);
    const written = disk.steps.flatMap((step) =>
      step.kind === "write" && step.inode === inode ? [step.bytes.length] : []
    );
    assert.deepEqual(written.filter((length) => length === 4096), [4096]);
    assert.equal(written[0], 4096, "filled before an end was written");
  });

  it("a log whose folder was removed and made anew puts no segment into the new one", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    for (const text of ["old", "older"]) assert.equal(await outcome(log, text), "accepted");
    const folder = `${directory}/${topic}`;
    for (const name of await disk.list(folder)) await disk.remove(`${folder}/${name}`);
    await using other = await openOn(disk);
    assert.equal(await outcome(other, "new"), "accepted");
    assert.equal(await outcome(log, "x".repeat(9000)), "unavailable");
    assert.deepEqual(await valuesOf(disk), ["new"]);
    assert.equal(await outcome(log, "both"), "accepted");
    assert.deepEqual(await valuesOf(disk), ["new", "both"]);
  });

  it("a lock that another process keeps refuses with unavailable, until it is free", async () => {
    const disk = createMemoryDisk();
    await using log = await openFileLog({
      directory,
      disk,
      clock: fastClock(),
      acceptBudgetMs: 5,
    });
    assert.equal(await outcome(log, "one"), "accepted");
    const holder = await disk.open(`${directory}/${topic}/lock`, "write");
    const turn = await disk.open(`${directory}/${topic}/turn`, "write");
    while (!turn.tryLock() || !holder.tryLock()) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert.equal(await outcome(log, "two"), "unavailable");
    holder.close();
    turn.close();
    assert.equal(await outcome(log, "three"), "accepted");
  });

  it("a directory without the right to write is refused with unauthorized, and recovers", async () => {
    let denied = true;
    const disk = createMemoryDisk([], {
      write(_path, bytes) {
        if (denied) throw new DiskError("denied", "Permission denied");
        return bytes.length;
      },
    });
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "unauthorized");
    denied = false;
    assert.equal(await outcome(log, "two"), "accepted");
  });

  it("a record written into a folder that was removed is refused, and the next makes it anew", async () => {
    let removes = false;
    const disk = createMemoryDisk([], {
      sync(path) {
        if (!removes || !isSegment(path)) return;
        removes = false;
        const names = [...disk.state.names.keys()];
        for (const name of names) if (name.startsWith(directory)) disk.state.names.delete(name);
      },
    });
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "accepted");
    removes = true;
    assert.equal(await outcome(log, "lost"), "unavailable");
    assert.equal(await outcome(log, "two"), "accepted");
    assert.deepEqual(await valuesOf(disk, log), ["two"]);
  });

  it("a record written into a segment that was removed alone is refused, and the next makes another", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "accepted");
    await disk.remove(`${directory}/${topic}/${"0".repeat(20)}.segment`);
    assert.equal(await outcome(log, "two"), "unavailable");
    assert.equal(await outcome(log, "three"), "accepted");
    assert.equal([...disk.state.names.keys()].filter(isSegment).length, 1);
  });

  it("a full disk refuses with full, keeps what it has, and accepts when space returns", async () => {
    let room = Infinity;
    const disk = createMemoryDisk([], {
      write: (path, bytes) => isSegment(path) ? Math.min(room, bytes.length) : bytes.length,
    });
    const log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "accepted");
    const inode = disk.state.names.get(`${directory}/${topic}/${"0".repeat(20)}.segment`);
    const used = () => disk.state.files.get(inode as number)!.findLastIndex((byte) => byte !== 0);
    const before = used();
    room = 20;
    assert.equal(await outcome(log, "two"), "full");
    assert.equal(used(), before, "the part that was written is taken back");
    assert.equal(await outcome(log, "three"), "full");
    room = Infinity;
    assert.equal(await outcome(log, "four"), "accepted");
    await log[Symbol.asyncDispose]();
    assert.deepEqual(await valuesOf(disk), ["one", "four"]);
  });

  for (const kind of ["write", "sync"] as const) {
    it(`whichever ${kind} fails, what was accepted survives a power cut`, async () => {
      let runs = 0;
      for (let failing = 0;; failing++) {
        let seen = 0;
        const faults: DiskFaults = kind === "sync"
          ? {
            sync() {
              if (seen++ === failing) throw new DiskError("failed", "Input/output error");
            },
          }
          : {
            write: (_path, bytes) =>
              seen++ === failing ? Math.floor(bytes.length / 2) : bytes.length,
          };
        const disk = createMemoryDisk([], faults);
        const log = await openOn(disk);
        await publishOn(disk, log, "one", 9);
        await publishOn(disk, log, "last", 30);
        await log[Symbol.asyncDispose]();
        if (seen <= failing) break;
        for (const luck of ["all lost", "all kept", () => 0.6] as const) {
          runs++;
          const steps = afterPowerCut(disk.steps, luck);
          await assertSurvived(disk.steps, createMemoryDisk(steps));
        }
      }
      console.log(`power cuts after a failed ${kind}: ${runs} states`);
      assert.ok(runs > 30);
    });
  }
});
