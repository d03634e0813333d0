/** A required group protects its records whoever writes, until an operator gives it up. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { FileLogOptions } from "../../../adapters/queue/file_log/file_log_options.ts";
import { openFileLogLedger } from "../../../adapters/queue/file_log/operate/log_ledger.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";
import { createFakeClock } from "../../fake_clock.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { afterPowerCut, createMemoryDisk, type MemoryDisk } from "./memory_disk.ts";

const group = "forwarder";
const required = { requiredGroups: [group] };
const maxBytes = 64 * 1024;

/** @returns How many were accepted, and what refused the next. */
async function publish(log: EventLog, count: number) {
  for (let n = 0; n < count; n++) {
    try {
      await log.publish(topic, { value: new Uint8Array(1000) });
    } catch (error) {
      assert.ok(error instanceof QueueError);
      return { accepted: n, code: error.code, message: error.message };
    }
  }
  return { accepted: count, code: "accepted", message: "" };
}

async function publishOn(disk: MemoryDisk, count: number, options: Partial<FileLogOptions> = {}) {
  await using log = await openOn(disk, options);
  return await publish(log, count);
}

async function readAs(disk: MemoryDisk, name: string, options: Partial<FileLogOptions> = {}) {
  await using log = await openOn(disk, options);
  const offsets: number[] = [];
  for await (const batch of log.subscribe(topic, { group: name, from: "earliest", until: "end" })) {
    offsets.push(...batch.records.map(({ offset }) => Number(offset)));
    await batch.commit();
  }
  return offsets;
}

const toolsOn = (disk: MemoryDisk) => openFileLogTools({ directory, disk, clock: fastClock() });

const inspected = async (disk: MemoryDisk, name = group) =>
  (await (await toolsOn(disk)).inspect(topic)).groups.find((group) => group.name === name);

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("a required group", () => {
  it("that has read nothing protects its records where another configuration writes", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    const { accepted, code, message } = await publishOn(disk, 200, { maxBytes });
    assert.equal(code, "full");
    assert.match(
      message,
      /^Topic "events" would have \d+ bytes, wanted at most 65536; kept for the required group "forwarder" \(has read nothing\)$/,
    );
    assert.ok(accepted > 30);
    assert.deepEqual(await readAs(disk, group, required), upTo(5 + accepted));
    assert.equal((await publishOn(disk, 1, { maxBytes })).code, "accepted");
  });

  it("that has read protects what it has not", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 10, required);
    await readAs(disk, group, required);
    const { accepted, code, message } = await publishOn(disk, 200, { maxBytes });
    assert.equal(code, "full");
    assert.match(message, /"forwarder" \(at offset 10\)$/);
    assert.deepEqual(
      await readAs(disk, group, required),
      upTo(10 + accepted).slice(10),
    );
  });

  it("is not too old either, whoever looks", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 40, required);
    let passedMs = 0;
    const fast = fastClock();
    const clock = { ...fast, now: () => fast.now() + passedMs };
    const options = { clock, elapsedMs: () => passedMs, maxAgeMs: 1000 };
    {
      await using log = await openOn(disk, options);
      await publish(log, 1);
      passedMs = 3_600_000;
      await publish(log, 20);
    }
    assert.deepEqual(await readAs(disk, group, required), upTo(61));
  });

  it("protects its records in a process that was open before it was required", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { maxBytes });
    await publish(log, 5);
    const kept = await publishOn(disk, 5, required);
    assert.equal(kept.code, "accepted");
    const { accepted, code } = await publish(log, 200);
    assert.equal(code, "full");
    assert.equal((await readAs(disk, group, required)).length, 10 + accepted);
  });

  it("is so as soon as somebody reads as it for whom it is required", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5);
    await readAs(disk, group, required);
    assert.equal((await inspected(disk))?.hold, "required");
    assert.equal((await publishOn(disk, 200, { maxBytes })).code, "full");
  });

  it("is so over a power cut behind any step, once a record was accepted", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 1, required);
    const accepted = disk.steps.length;
    await readAs(disk, group, required);
    for (let end = accepted; end <= disk.steps.length; end++) {
      for (const luck of ["all lost", "all kept"] as const) {
        const cut = createMemoryDisk(afterPowerCut(disk.steps.slice(0, end), luck));
        assert.equal((await publishOn(cut, 200, { maxBytes })).code, "full", `step ${end}`);
        assert.equal((await inspected(cut))?.hold, "required");
      }
    }
  });

  it("begins where it is told to when it reads for the first time", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    await using log = await openOn(disk, required);
    const reading = log.subscribe(topic, { group, from: { offset: 3n }, until: "end" });
    const { value } = await reading[Symbol.asyncIterator]().next();
    assert.equal(value?.records[0]?.offset, 3n);
    assert.equal((await inspected(disk))?.position, 3n);
  });

  it("nobody's group holds nothing", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5);
    await readAs(disk, "passer-by");
    assert.equal((await inspected(disk, "passer-by"))?.hold, "none");
    assert.equal((await publishOn(disk, 200, { maxBytes })).code, "accepted");
  });

  it("whose positions are broken keeps its records, also behind a repair", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    await readAs(disk, group, required);
    const inode = disk.state.names.get(`${directory}/${topic}/group.${group}`) as number;
    const bytes = new Uint8Array(8).fill(0x5a);
    const broken = createMemoryDisk([
      ...disk.steps,
      { kind: "write", inode, at: 40, bytes },
      { kind: "write", inode, at: 4136, bytes },
    ]);
    assert.equal((await publishOn(broken, 200, { maxBytes })).code, "full");
    await (await toolsOn(broken)).repair(topic, { dryRun: false });
    assert.equal((await inspected(broken))?.hold, "required");
    assert.equal((await publishOn(broken, 200, { maxBytes })).accepted, 0);
  });

  it("that one of two holds the log is said of the one that does", async () => {
    const disk = createMemoryDisk();
    const requiredGroups = ["audit-v1", "audit-v2"];
    const first = await publishOn(disk, 200, { maxBytes, requiredGroups });
    await readAs(disk, "audit-v2", { requiredGroups });
    const numbers = new Map<string, number>();
    const telemetry = {
      count() {},
      gauge: (name: string, value: number, { group = "" } = {}) =>
        void numbers.set(`${name} ${group}`, value),
      histogram() {},
    };
    await using log = await openOn(disk, { maxBytes, requiredGroups, telemetry });
    const { code, message } = await publish(log, 1);
    assert.equal(code, "full");
    assert.match(message, /kept for the required group "audit-v1" \(has read nothing\)$/);
    const health = log.health();
    assert.ok(health.status === "degraded" && /audit-v1.*log release GROUP/.test(health.detail));
    assert.equal(numbers.get("shelfcast.file_log.held_records audit-v1"), first.accepted);
    assert.ok(numbers.get("shelfcast.file_log.held_bytes audit-v1")! > maxBytes / 2);
    assert.equal(numbers.get("shelfcast.file_log.held_records audit-v2") ?? 0, 0);
  });
});

describe("a required group in other views", () => {
  it("is in the ledger of those who do not ask for it, also when it was given up", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    await readAs(disk, group, required);
    await publishOn(disk, 3);
    const read = async () =>
      (await openFileLogLedger({ directory, disk }).read(topic, [])).groups
        .map(({ group, delivered, queued }) => ({ group, delivered, queued }));
    const account = [{ group, delivered: 5, queued: 3 }];
    assert.deepEqual(await read(), account);
    await (await toolsOn(disk)).release(topic, group, { dryRun: false });
    assert.deepEqual(await read(), account);
  });

  it("is listed among the groups before it has read anything", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    await using log = await openOn(disk);
    assert.deepEqual((await log.groups.list()).map(({ group }) => group), [group]);
    const { positions } = await log.groups.describe(group);
    assert.deepEqual(positions.map(({ topic, position }) => [topic, position]), [[
      topic,
      undefined,
    ]]);
  });
});

describe("what is kept for a group that nobody reads as", () => {
  it("is told when the log is opened, and once a minute from half of the bound on", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5, required);
    const clock = createFakeClock(1_800_000_000_000);
    using collected = collectLogs();
    {
      await using log = await openOn(disk, { maxBytes, clock });
      await publish(log, 10);
      await clock.advance(120_000);
      await publish(log, 30);
      await clock.advance(30_000);
      await publish(log, 200);
      await clock.advance(60_000);
      await publish(log, 1);
    }
    const lines = collected.lines.map(({ message }) => message.map(String).join(""));
    const told = lines.filter((line) => line.includes("log release forwarder"));
    assert.match(told[0]!, /keeps 5 records, the oldest since .*without which this process runs/);
    assert.ok(told.length >= 2 && told.length <= 4, told.join("\n"));
    assert.match(told[1]!, /keeps \d+ of 65536 bytes, \d+ records since .*nobody reads as it/);
  });
});

describe("giving a group up", () => {
  async function heldLog() {
    const disk = createMemoryDisk();
    await publishOn(disk, 10, required);
    await readAs(disk, group, required);
    const { accepted } = await publishOn(disk, 200, { maxBytes });
    return { disk, accepted: 10 + accepted };
  }

  it("says what it would give up, and without being told to changes nothing", async () => {
    const { disk, accepted } = await heldLog();
    const steps = disk.steps.length;
    const { found, steps: would } = await (await toolsOn(disk))
      .release(topic, group, { dryRun: true });
    assert.deepEqual([found?.position, found?.unread], [10n, BigInt(accepted - 10)]);
    assert.match(would.join(), new RegExp(`offset 10: ${accepted - 10} records`));
    assert.equal(disk.steps.length, steps);
    assert.equal((await publishOn(disk, 1, { maxBytes })).code, "full");
  });

  it("lets retention take what it has not read, which is counted as dropped", async () => {
    const { disk, accepted } = await heldLog();
    const tools = await toolsOn(disk);
    await tools.release(topic, group, { dryRun: false });
    assert.equal((await inspected(disk))?.hold, "released");
    assert.equal((await publishOn(disk, 100, { maxBytes })).code, "accepted");
    assert.deepEqual((await tools.verify(topic)).findings, []);
    const { groups: [account], faults, takenAway } = await openFileLogLedger({ directory, disk })
      .read(topic, [group]);
    assert.deepEqual(faults, []);
    assert.deepEqual([account?.delivered, account?.dropped, account?.lost], [
      10,
      takenAway - 10,
      0,
    ]);
    assert.ok(takenAway > accepted);
    const left = await readAs(disk, group, required);
    assert.deepEqual(left, upTo(accepted + 100).slice(takenAway));
  });

  it("works at once in a process that runs, and lasts until one is opened that requires it", async () => {
    const disk = createMemoryDisk();
    await using log = await openOn(disk, { maxBytes, ...required, elapsedMs: () => 0 });
    assert.equal((await publish(log, 200)).code, "full");
    await (await toolsOn(disk)).release(topic, group, { dryRun: false });
    for (let n = 0; n < 1000; n++) if ((await publish(log, 1)).code === "accepted") break;
    assert.equal((await publish(log, 50)).code, "accepted");
    const { accepted } = await publishOn(disk, 200, { maxBytes, ...required });
    assert.ok(accepted < 60, `${accepted}`);
    assert.equal((await inspected(disk))?.hold, "required");
  });

  it("is refused while somebody reads as it", async () => {
    const { disk } = await heldLog();
    await using log = await openOn(disk);
    const reading = log.subscribe(topic, { group })[Symbol.asyncIterator]();
    await reading.next();
    for (const dryRun of [true, false]) {
      await assert.rejects(
        (await toolsOn(disk)).release(topic, group, { dryRun }),
        { code: "group_active" },
      );
    }
    await reading.return?.();
  });

  it("of a group that is not there, or not required, changes nothing", async () => {
    const disk = createMemoryDisk();
    await publishOn(disk, 5);
    await readAs(disk, "passer-by");
    const tools = await toolsOn(disk);
    assert.equal((await tools.release(topic, "nobody", { dryRun: false })).found, undefined);
    const { found, steps } = await tools.release(topic, "passer-by", { dryRun: false });
    assert.deepEqual([found?.hold, steps], ["none", []]);
  });
});
