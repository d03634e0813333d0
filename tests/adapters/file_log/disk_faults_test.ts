import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError } from "../../../adapters/queue/file_log/disk.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { assertSurvived, openOn, publishOn, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type DiskFaults } from "./memory_disk.ts";

const record = (text: string) => ({ value: new TextEncoder().encode(text) });
const isSegment = (path: string): boolean => path.endsWith(".segment");

async function outcome(log: EventLog, text: string): Promise<string> {
  try {
    await log.publish(topic, record(text));
    return "accepted";
  } catch (error) {
    return error instanceof QueueError ? error.code : String(error);
  }
}

describe("file log on a disk that fails", () => {
  it("a failed sync rejects with outcome_unknown, and the next record is accepted", async () => {
    let fails = false;
    const disk = createMemoryDisk([], {
      sync(path) {
        if (!fails || !isSegment(path)) return;
        fails = false;
        throw new DiskError("failed", "Input/output error");
      },
    });
    await using log = await openOn(disk);
    assert.equal(await outcome(log, "before"), "accepted");
    fails = true;
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

  it("a full disk refuses with full, keeps what it has, and accepts when space returns", async () => {
    let room = Infinity;
    const disk = createMemoryDisk([], {
      write: (path, bytes) => isSegment(path) ? Math.min(room, bytes.length) : bytes.length,
    });
    const log = await openOn(disk);
    assert.equal(await outcome(log, "one"), "accepted");
    room = 20;
    assert.equal(await outcome(log, "two"), "full");
    assert.equal(await outcome(log, "three"), "full");
    room = Infinity;
    assert.equal(await outcome(log, "four"), "accepted");
    await log[Symbol.asyncDispose]();
    const values: string[] = [];
    await using again = await openOn(disk);
    for await (const batch of again.subscribe(topic, { from: "earliest", until: "end" })) {
      for (const { value } of batch.records) values.push(new TextDecoder().decode(value!));
    }
    assert.deepEqual(values, ["one", "four"]);
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
