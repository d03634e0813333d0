import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { mountSmall } from "./small_volume.ts";

const topic = "events";

/**
 * A directory whose rights a test takes away and gives back; root has all rights, so for it a file
 * system is read-only.
 */
async function directoryWithRights() {
  const volume = await mountSmall(4);
  if (volume !== undefined) {
    const directory = `${volume.directory}/queue`;
    return { directory, set: volume.remount, end: () => volume[Symbol.asyncDispose]() };
  }
  if (Deno.uid() === 0) return undefined;
  const directory = await Deno.makeTempDir({ prefix: "unwritable_" });
  const set = async (mode: "ro" | "rw"): Promise<void> => {
    const paths = [directory, `${directory}/${topic}`];
    for (const path of mode === "rw" ? paths : paths.toReversed()) {
      await Deno.chmod(path, mode === "rw" ? 0o755 : 0o555);
    }
    for await (const { name } of Deno.readDir(`${directory}/${topic}`)) {
      await Deno.chmod(`${directory}/${topic}/${name}`, mode === "rw" ? 0o644 : 0o444);
    }
  };
  return { directory, set, end: () => Deno.remove(directory, { recursive: true }) };
}

async function publish(log: EventLog): Promise<string> {
  try {
    return `accepted ${(await log.publish(topic, { value: null })).offset}`;
  } catch (error) {
    return error instanceof QueueError ? error.code : String(error);
  }
}

async function countRecords(log: EventLog): Promise<number> {
  let count = 0;
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    count += records.length;
  }
  return count;
}

describe("file log in a directory that cannot be written to", () => {
  it("S7 refuses with unauthorized, is read, and accepts without restart when it can be", async () => {
    const place = await directoryWithRights();
    if (place === undefined) return console.log("skipped: root may not mount a file system here");
    const { directory, set, end } = place;
    let passedMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + passedMs };
    const options = { directory, clock, reserveBytes: 0 };
    try {
      {
        await using log = await openFileLog(options);
        assert.equal(await publish(log), "accepted 0");
      }
      await set("ro");
      await using log = await openFileLog(options);
      assert.equal(await publish(log), "unauthorized");
      assert.equal(await countRecords(log), 1);
      await set("rw");
      // A fault that stands is looked at again after a second.
      passedMs += 2000;
      assert.equal(await publish(log), "accepted 1");
      assert.equal(await countRecords(log), 2);
    } finally {
      await set("rw").catch(() => {});
      await end();
    }
  });
});
