import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk } from "./memory_disk.ts";

describe("log verify", () => {
  it("judges a log whose writer hangs with the lock in its hand", async () => {
    const going = Promise.withResolvers<void>();
    let hangs = false;
    const sync = (path: string) => hangs && path.endsWith(".segment") ? going.promise : undefined;
    const disk = createMemoryDisk([], { sync });
    await using log = await openOn(disk);
    await log.publish(topic, { value: new Uint8Array(100) });
    hangs = true;
    const hanging = log.publish(topic, { value: new Uint8Array(100) });
    const tools = await openFileLogTools({ directory, disk, clock: fastClock() });
    let findings = (await tools.verify(topic)).findings;
    // Until then the batch is not written yet.
    while (findings.length === 0) findings = (await tools.verify(topic)).findings;
    const [{ kind, offset, what }] = findings as [typeof findings[0]];
    assert.deepEqual([findings.length, kind, offset], [1, "unsettled", 1n]);
    assert.match(what, /being written by a process that holds the topic's lock/);
    going.resolve();
    assert.equal((await hanging).offset, 1n);
    assert.deepEqual((await tools.verify(topic)).findings, []);
  });
});
