/** Setting groups of the file log back: what the ledger makes of it, and what a crash leaves. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openFileLogLedger } from "../../../adapters/queue/file_log/operate/log_ledger.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";
import { denoDisk } from "../../../adapters/queue/file_log/disk/deno_disk.ts";
import type { Disk } from "../../../adapters/queue/file_log/disk/disk.ts";
import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";

const topic = "events";
const group = "trends";

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "group_reset_" });
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function publish(log: EventLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await log.publish(topic, { value: new Uint8Array(8) });
}

/** Handles so many records; the first of them goes to the dead letters. */
async function handle(log: EventLog, count: number): Promise<void> {
  const batches = log.subscribe(topic, { group, from: "earliest", maxRecords: count });
  for await (const { records, commit } of batches) {
    await commit(undefined, { deadLettered: [records[0]!.offset] });
    break;
  }
}

async function positionOf(log: EventLog): Promise<bigint | undefined> {
  return (await log.groups.describe(group)).positions[0]?.position;
}

describe("a group of the file log that is set back", () => {
  it("K5 keeps the ledger balanced: it begins anew where it was moved to", () =>
    withDirectory(async (directory) => {
      await using log = await openFileLog({ directory });
      await publish(log, 10);
      await handle(log, 6);
      const ledger = openFileLogLedger({ directory });
      const counts = async () => {
        const { faults, groups: [found] } = await ledger.read(topic, [group]);
        assert.deepEqual(faults, []);
        const { recordsBefore, delivered, deadLettered, queued } = found!;
        return { recordsBefore, delivered, deadLettered, queued };
      };
      assert.deepEqual(await counts(), {
        recordsBefore: 0,
        delivered: 5,
        deadLettered: 1,
        queued: 4,
      });
      await log.groups.reset(group, topic, { offset: 2n }, { execute: true });
      const moved = { recordsBefore: 2, delivered: 0, deadLettered: 0, queued: 8 };
      assert.deepEqual(await counts(), moved);
      await handle(log, 3);
      assert.deepEqual(await counts(), { ...moved, delivered: 2, deadLettered: 1, queued: 5 });
      await log.groups.reset(group, topic, "latest", { execute: true });
      assert.deepEqual(await counts(), {
        recordsBefore: 10,
        delivered: 0,
        deadLettered: 0,
        queued: 0,
      });
    }));

  it("stands where it stood or where it was to be moved, whichever write fails", () =>
    withDirectory(async (directory) => {
      const places = new Set<bigint | undefined>();
      for (let failing = 1;; failing++) {
        await Deno.remove(directory, { recursive: true });
        await using log = await openFileLog({ directory });
        await publish(log, 10);
        for (let commit = 0; commit < 3; commit++) await handle(log, 2);
        const { disk, hasFailed } = failingAt(failing);
        await using faulty = await openFileLog({ directory, disk, topicPolicy: "never" });
        const reset = faulty.groups.reset(group, topic, { offset: 1n }, { execute: true });
        const [outcome] = await Promise.allSettled([reset]);
        const position = await positionOf(log);
        places.add(position);
        assert.ok(
          position === 6n || position === 1n,
          `stands at ${position} after write ${failing}`,
        );
        if (!hasFailed()) {
          assert.equal(outcome?.status, "fulfilled");
          assert.equal(position, 1n);
          break;
        }
        assert.equal(outcome?.status, "rejected");
        // It can be said again.
        await log.groups.reset(group, topic, { offset: 1n }, { execute: true });
        assert.equal(await positionOf(log), 1n);
      }
      assert.deepEqual([...places].toSorted(), [1n, 6n]);
    }));

  it("K1 is not moved while another process reads", () =>
    withDirectory(async (directory) => {
      await using log = await openFileLog({ directory });
      await publish(log, 3);
      await handle(log, 2);
      await using other = await openFileLog({ directory });
      const stop = new AbortController();
      const reading = other.subscribe(topic, { group, signal: stop.signal });
      await reading[Symbol.asyncIterator]().next();
      const move = () => log.groups.reset(group, topic, "earliest", { execute: true });
      await assert.rejects(
        move,
        (error) => error instanceof QueueError && error.code === "group_active",
      );
      assert.equal(await positionOf(log), 2n);
      stop.abort();
    }));

  it("K1 a damaged position is told, and not moved: repair is for that", () =>
    withDirectory(async (directory) => {
      await using log = await openFileLog({ directory });
      await publish(log, 3);
      await handle(log, 2);
      const file = `${directory}/${topic}/group.${group}`;
      const bytes = await Deno.readFile(file);
      for (const at of [100, 4196]) bytes[at] = 1;
      await Deno.writeFile(file, bytes);
      const move = () => log.groups.reset(group, topic, "earliest", { execute: true });
      await assert.rejects(
        move,
        (error) => error instanceof QueueError && error.code === "corrupt",
      );
      assert.equal((await log.groups.describe(group)).positions[0]?.position, undefined);
      const tools = await openFileLogTools({ directory });
      await tools.repair(topic, { dryRun: false });
      await move();
      assert.equal(await positionOf(log), 0n);
    }));
});

/** The machine's disk, whose n-th write into a group's file fails. */
function failingAt(failing: number): { readonly disk: Disk; readonly hasFailed: () => boolean } {
  let writes = 0;
  return {
    hasFailed: () => writes >= failing,
    disk: {
      ...denoDisk,
      async open(path, mode) {
        const file = await denoDisk.open(path, mode);
        if (!path.includes("/group.")) return file;
        return {
          ...file,
          write(position, bytes) {
            if (++writes !== failing) return file.write(position, bytes);
            // Torn, as a crash leaves it.
            const torn = file.write(position, bytes.subarray(0, 64));
            return torn.then(() => Promise.reject(new DiskError("failed", "Write has failed")));
          },
        };
      },
    },
  };
}
