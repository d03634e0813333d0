/**
 * What readers in other processes are promised; how well it is kept, `deno task bench:log`
 * measures.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { startAppending } from "./appender_process.ts";
import { pacedWakeUps, type ReaderProcess, startReader } from "./reader_process.ts";

const topic = "events";
const value = new Uint8Array(250);
let directory = "";

const publishMany = (log: EventLog, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => log.publish(topic, { value })));

/** Every offset up to `next`, once and in order. */
function assertAllRead({ batches }: ReaderProcess, next: number): void {
  let expected = 0;
  for (const { first, last } of batches) {
    assert.equal(first, expected);
    expected = last + 1;
  }
  assert.equal(expected, next);
}

describe("file log readers in other processes", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "readers_" });
  });
  afterEach(() => Deno.remove(directory, { recursive: true }));

  it("are woken within 50 ms, and cost next to nothing while they wait", async () => {
    await using log = await openFileLog({ directory });
    await publishMany(log, 1);
    await using reader = await startReader(directory);
    const { wakeUpMs, cpuShare } = await pacedWakeUps(log, reader, 20, 40);
    const median = wakeUpMs.toSorted((a, b) => a - b)[10]!;
    assert.ok(median < 50, `woken after ${median} ms`);
    // One that spins or polls every millisecond takes a fifth and more; waking up takes some of it,
    // too.
    assert.ok(cpuShare < 0.1, `took ${cpuShare} of a core`);
  });

  it("follow through rolls, retention and restarts of the writer", async () => {
    let next = 0;
    let reader: ReaderProcess | undefined;
    const segments = () => [...Deno.readDirSync(`${directory}/${topic}`)].map(({ name }) => name);
    try {
      for (let restart = 0; restart < 4; restart++) {
        await using log = await openFileLog({ directory, maxBytes: 256 * 1024, maxAgeMs: 3.6e6 });
        for (let n = 0; n < 3; n++) {
          await publishMany(log, 100);
          next += 100;
          reader ??= await startReader(directory);
          // What is taken away before it was read is lost to a reader without a required group.
          await reader.reached(next);
        }
      }
      const bases = segments().filter((name) => name.endsWith(".segment")).toSorted();
      assert.ok(bases.length > 1 && Number.parseInt(bases[0]!) > 0, "nothing was taken away");
      assertAllRead(reader!, next);
    } finally {
      await reader?.[Symbol.asyncDispose]();
    }
  });

  it("follow a writer that is killed, and the one that comes after it", async () => {
    await (await openFileLog({ directory, topics: [topic] }))[Symbol.asyncDispose]();
    await using reader = await startReader(directory);
    for (const writer of ["first", "second"]) {
      const from = reader.batches.at(-1)?.last ?? -1;
      const child = startAppending(directory, writer, 1_000_000);
      const ended = child.output();
      await reader.reached(from + 200);
      child.kill("SIGKILL");
      await ended;
    }
    await using log = await openFileLog({ directory });
    const { offset } = await log.publish(topic, { value });
    await reader.reached(Number(offset) + 1);
    assertAllRead(reader, Number(offset) + 1);
  });

  it("do not grow with what they read", async () => {
    await using log = await openFileLog({ directory });
    await publishMany(log, 1);
    await using reader = await startReader(directory);
    await reader.reached(1);
    const before = (await reader.cost()).rssBytes;
    for (let n = 0; n < 15; n++) await publishMany(log, 10_000);
    await reader.reached(150_001);
    const grown = (await reader.cost()).rssBytes - before;
    assert.ok(grown < 100 * 2 ** 20, `grew by ${grown} bytes`);
  });

  it("standing by in a group costs next to nothing, and leaving is taken over", async () => {
    await using log = await openFileLog({ directory });
    await publishMany(log, 1);
    await using watching = await startReader(directory);
    const active = await startReader(directory, "shop");
    await active.reached(1);
    await using standing = await startReader(directory, "shop");
    const before = await standing.cost();
    const began = performance.now();
    await pacedWakeUps(log, watching, 20, 40);
    const cpuShare = ((await standing.cost()).cpuMs - before.cpuMs) / (performance.now() - began);
    assert.ok(cpuShare < 0.05, `took ${cpuShare} of a core`);
    assert.deepEqual(standing.batches, []);
    await active.reached(21);
    await active[Symbol.asyncDispose]();
    const { offset } = await log.publish(topic, { value });
    await standing.reached(Number(offset) + 1);
    assertAllRead({ ...standing, batches: [...active.batches, ...standing.batches] }, 22);
  });
});
