/** Real processes at one log: writers in turn, readers beside them, SIGKILL at any time. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { startAppending } from "./appender_process.ts";

const topic = "events";
const segmentBytes = 256 * 1024;
let directory = "";

/** The records that a process says were accepted, whole lines only: text → offset. */
function acceptedIn(output: string): ReadonlyMap<string, string> {
  const lines = output.split("\n").slice(0, -1);
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

async function readAll(): Promise<ReadonlyMap<string, string>> {
  await using log = await openFileLog({ directory, segmentBytes });
  const found = new Map<string, string>();
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const { offset, value } of batch.records) {
      const text = new TextDecoder().decode(value!);
      assert.ok(!found.has(text), `${text} stands twice`);
      found.set(text, `${offset}`);
    }
  }
  return found;
}

describe("file log among processes", () => {
  before(async () => {
    directory = await Deno.makeTempDir({ prefix: "file_log_" });
  });
  after(() => Deno.remove(directory, { recursive: true }));

  it("S8 two processes append at once: all accepted records stand where each was told", async () => {
    const outputs = await Promise.all(
      ["one", "two"].map((writer) => startAppending(directory, writer, 1500).output()),
    );
    const found = await readAll();
    for (const { code, stdout } of outputs) {
      assert.equal(code, 0);
      const accepted = acceptedIn(new TextDecoder().decode(stdout));
      assert.equal(accepted.size, 1500);
      for (const [text, offset] of accepted) assert.equal(found.get(text), offset, text);
    }
    assert.equal(found.size, 3000);
  });

  it("S5 killed while it appends, again and again: nothing accepted is missing", async () => {
    const accepted = new Map<string, string>();
    for (let round = 0; round < 4; round++) {
      const child = startAppending(directory, `round${round}`, 1_000_000);
      const killAfter = 40 * (round + 1);
      let output = "";
      const decoder = new TextDecoder();
      for await (const bytes of child.stdout) {
        output += decoder.decode(bytes, { stream: true });
        if (output.length > killAfter * 15) {
          try {
            child.kill("SIGKILL");
          } catch {
            // It has ended already; what it wrote is still read.
          }
        }
      }
      await child.status;
      for (const [text, offset] of acceptedIn(output)) accepted.set(text, offset);
    }
    const found = await readAll();
    for (const [text, offset] of accepted) assert.equal(found.get(text), offset, text);
    console.log(`kill -9: ${accepted.size} accepted, 0 missing`);
    assert.ok(accepted.size > 300);
  });

  it("a reader is woken by a writer in another process", async () => {
    await using log = await openFileLog({ directory, segmentBytes });
    const reading = log.subscribe(topic, { from: "latest" });
    await reading.ready;
    const records = reading[Symbol.asyncIterator]();
    const writing = startAppending(directory, "waking", 1).output();
    const first = await records.next();
    assert.equal(new TextDecoder().decode(first.value!.records[0]!.value!), "waking:0");
    await records.return?.();
    await writing;
  });

  it("S7 a folder that is removed ends its readers, and is made anew by the next record", async () => {
    await using log = await openFileLog({ directory, segmentBytes });
    const record = { value: new TextEncoder().encode("v") };
    await log.publish("removed", record);
    const reading = log.subscribe("removed", { from: "latest" });
    await reading.ready;
    const ended = assert.rejects(
      reading[Symbol.asyncIterator]().next(),
      (error) => error instanceof QueueError && error.code === "unknown_topic",
    );
    await Deno.remove(`${directory}/removed`, { recursive: true });
    await ended;
    const report = await log.publish("removed", record).catch((error) => {
      // It was found only when the record was already written into the file without a name.
      assert.equal(error instanceof QueueError && error.code, "unavailable");
      return log.publish("removed", record);
    });
    assert.equal(report.offset, 0n);
    const again = log.subscribe("removed", { from: "earliest", until: "end" });
    const batch = await again[Symbol.asyncIterator]().next();
    assert.equal(batch.value?.records.length, 1);
  });

  it("S7 a folder that is moved away is not written to any more", async () => {
    let now = 0;
    const clock = { ...systemClock, now: () => now += 1000 };
    await using log = await openFileLog({ directory, segmentBytes, clock });
    const record = { value: new TextEncoder().encode("v") };
    assert.equal((await log.publish("moved", record)).offset, 0n);
    await Deno.rename(`${directory}/moved`, `${directory}/away`);
    assert.equal((await log.publish("moved", record)).offset, 0n);
  });
});
