/** A place that the device cannot read: waited for, then damage, never cut. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { directory, fastClock, openOn, topic } from "./crash_scenario.ts";
import { createMemoryDisk } from "./memory_disk.ts";

const jump = 2n ** 32n;
const count = 30;
const record = (n: number) => ({ value: new TextEncoder().encode(`${n};`.padEnd(900, "-")) });

/**
 * A log whose last segment has a page that cannot be read, until `heal` is called; and time that
 * passes when it is told to.
 */
async function unreadablePage(page: number, hasSlot = true) {
  const whole = createMemoryDisk();
  {
    await using log = await openOn(whole);
    for (let n = 0; n < count; n++) await log.publish(topic, record(n));
  }
  const slot = whole.state.names.get(`${directory}/${topic}/durable`) as number;
  const blank = { kind: "write", inode: slot, at: 0, bytes: new Uint8Array(4096) } as const;
  const last = [...whole.state.names.keys()].filter((path) => path.endsWith(".segment"))
    .toSorted().at(-1);
  let isBad = true;
  const disk = createMemoryDisk([...whole.steps, ...hasSlot ? [] : [blank]], {
    read(path, position, length) {
      const isHit = position < (page + 1) * 4096 && position + length > page * 4096;
      if (isBad && path === last && isHit) throw new DiskError("failed", "Input/output error");
    },
  });
  const fast = fastClock();
  let passedMs = 0;
  const clock: Clock = { ...fast, now: () => fast.now() + passedMs };
  return {
    disk,
    clock,
    pass: (ms: number) => void (passedMs += ms),
    heal: () => void (isBad = false),
  };
}

async function readAll(log: EventLog) {
  const values: number[] = [];
  try {
    for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
      values.push(...records.map(({ value }) => parseInt(new TextDecoder().decode(value!))));
    }
    return { values, code: "read" };
  } catch (error) {
    return { values, code: error instanceof QueueError ? error.code : String(error) };
  }
}

const publish = (log: EventLog, n: number): Promise<bigint | string> =>
  log.publish(topic, record(n)).then(
    ({ offset }) => offset,
    (error) => error instanceof QueueError ? error.code : String(error),
  );

const allUpTo = (end: number): readonly number[] => Array.from({ length: end }, (_, n) => n);

describe("file log on a device that cannot be read", () => {
  it("for a moment: refuses, and goes on where it was", async () => {
    const { disk, clock, pass, heal } = await unreadablePage(2);
    await using log = await openOn(disk, { clock });
    assert.equal(await publish(log, count), "unavailable");
    pass(5000);
    assert.equal(await publish(log, count), "unavailable");
    heal();
    pass(5000);
    assert.equal(await publish(log, count), BigInt(count));
    assert.deepEqual(await readAll(log), { values: allUpTo(count + 1), code: "read" });
  });

  for (const hasSlot of [true, false]) {
    for (const page of [0, 1, 2]) {
      const what = `in page ${page} of the last segment${
        hasSlot ? "" : ", without a durable slot"
      }`;
      it(`for long, ${what}: goes on behind it, and a repair finds all of it whole when it can be read again`, async () => {
        const { disk, clock, pass, heal } = await unreadablePage(page, hasSlot);
        {
          await using log = await openOn(disk, { clock });
          assert.equal(await publish(log, count), "unavailable");
          pass(11_000);
          const offset = await publish(log, count);
          assert.ok(typeof offset === "bigint" && offset >= jump, `${offset}`);
          const { values, code } = await readAll(log);
          assert.deepEqual([values, code], [allUpTo(values.length), "corrupt"]);
          assert.ok(values.length < count);
        }
        heal();
        const tools = await openFileLogTools({ directory, disk, clock: fastClock() });
        await tools.repair(topic, { dryRun: false });
        await using log = await openOn(disk);
        assert.deepEqual(await readAll(log), { values: allUpTo(count + 1), code: "read" });
      });
    }
  }

  it("for long: verify and repair say which records cannot be read, and keep the others", async () => {
    const { disk, clock, pass } = await unreadablePage(2);
    const after: Clock["after"] = (delayMs, task) => {
      pass(delayMs);
      return clock.after(delayMs, task);
    };
    const tools = await openFileLogTools({ directory, disk, clock: { ...clock, after } });
    const { findings } = await tools.verify(topic);
    assert.equal(findings[0]?.kind, "corrupt");
    const lost = findings.reduce((sum, { records }) => sum + Number(records), 0);
    assert.ok(lost > 0 && lost < 7, `${lost} lost`);
    await tools.repair(topic, { dryRun: false });
    await using log = await openOn(disk);
    const { values } = await readAll(log);
    assert.equal(values.length, count - lost);
  });
});
