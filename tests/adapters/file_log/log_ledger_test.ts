/** The ledger of the file log balances, and each lie in its files is seen (K5). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { denoDisk } from "../../../adapters/queue/file_log/disk/deno_disk.ts";
import type { DiskFile } from "../../../adapters/queue/file_log/disk/disk.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import {
  batchHeaderBytes,
  decodeFooter,
  encodeFooter,
  footerBytes,
  headerAt,
  sealBatch,
} from "../../../adapters/queue/file_log/format/batch_format.ts";
import { checksumSeed } from "../../../adapters/queue/file_log/format/checksum.ts";
import { segmentHeaderBytes } from "../../../adapters/queue/file_log/format/segment_header.ts";
import { decodeIdentity } from "../../../adapters/queue/file_log/format/stored_page.ts";
import { viewOf } from "../../../adapters/queue/file_log/format/uint64.ts";
import { openFileLogLedger } from "../../../adapters/queue/file_log/operate/log_ledger.ts";
import {
  type DurableEnd,
  type GroupState,
  readDurableEnd,
  readGroupState,
  writeDurableEnd,
  writeGroupState,
} from "../../../adapters/queue/file_log/segments/slots.ts";
import { fastClock } from "./crash_scenario.ts";
import type { TopicLedger } from "../../../src/ports/event_ledger.ts";

const topic = "events";
const group = "forwarder";
const segmentBytes = 8 * 1024;

/**
 * 60 records in batches of three over several segments; of the first 20 a group delivered 18 and
 * dead-lettered 2.
 */
async function withLedger(work: (log: StoredLedger) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    {
      await using log = await openFileLog({ directory, segmentBytes, clock: fastClock() });
      const value = new Uint8Array(300);
      for (let n = 0; n < 20; n++) {
        await Promise.all([0, 1, 2].map(() => log.publish(topic, { value })));
      }
      for await (const { records, commit } of log.subscribe(topic, { group, from: "earliest" })) {
        const last = records.at(-1)!.offset;
        const deadLettered = records.map(({ offset }) => offset).filter((o) =>
          o === 3n || o === 4n
        );
        await commit(last < 19n ? last : 19n, { deadLettered });
        if (last >= 19n) break;
      }
    }
    await work(storedLedger(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

interface StoredLedger {
  readonly directory: string;
  readonly logId: Uint8Array;
  /** In the order of offsets. */
  readonly segments: readonly string[];
  /** Opens a file of the topic for writing. */
  change(name: string, work: (file: DiskFile) => Promise<void>): Promise<void>;
  read(): Promise<TopicLedger>;
}

function storedLedger(directory: string): StoredLedger {
  const folder = `${directory}/${topic}`;
  const logId = decodeIdentity(Deno.readFileSync(`${folder}/id`));
  assert.ok(logId instanceof Uint8Array);
  return {
    directory,
    logId,
    segments: [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(".segment")).toSorted(),
    async change(name, work) {
      const file = await denoDisk.open(`${folder}/${name}`, "write");
      try {
        await work(file);
      } finally {
        file.close();
      }
    },
    read: () => openFileLogLedger({ directory, clock: fastClock() }).read(topic, [group]),
  };
}

/** Writes the newest slot of the group once more, with a checksum that is right. */
const falsifyGroup = (log: StoredLedger, change: Partial<GroupState>) =>
  log.change(`group.${group}`, async (file) => {
    const state = await readGroupState(file, log.logId);
    assert.ok(typeof state === "object");
    const next = { ...state, sequence: state.sequence + 1, ...change };
    await writeGroupState(file, log.logId, next);
  });

const falsifyDurable = (log: StoredLedger, change: (end: DurableEnd) => Partial<DurableEnd>) =>
  log.change("durable", async (file) => {
    const end = await readDurableEnd(file, log.logId);
    assert.ok(end !== undefined);
    const next = { ...end, sequence: end.sequence + 1, ...change(end) };
    await writeDurableEnd(file, log.logId, next);
  });

describe("the ledger of the file log", () => {
  it("balance: each number has its own source", () =>
    withLedger(async (log) => {
      const { groups, ...ledger } = await log.read();
      assert.ok(log.segments.length > 2);
      const { logId } = ledger;
      const expected = { topic, logId, accepted: 60, end: 60n, takenAway: 0, isSettled: true };
      assert.deepEqual(ledger, { ...expected, faults: [] });
      const passed = { recordsBefore: 0, delivered: 18, deadLettered: 2, dropped: 0 };
      assert.deepEqual(groups, [{ group, position: 20n, ...passed, queued: 40, lost: 0 }]);
    }));

  const counters = { recordsBefore: 3, delivered: 17, deadLettered: 3, dropped: 1, position: 25 };
  for (const [name, value] of Object.entries(counters)) {
    it(`a falsified "${name}" of a group is found, on which side and by how much`, () =>
      withLedger(async (log) => {
        await falsifyGroup(log, { [name]: value });
        const { faults } = await log.read();
        const tooMany = {
          recordsBefore: 3,
          delivered: -1,
          deadLettered: 1,
          dropped: 1,
          position: -5,
        };
        const missing = -tooMany[name as keyof typeof tooMany];
        assert.deepEqual(faults.map((fault) => [fault.account, fault.group, fault.missing]), [
          ["group", group, missing],
        ]);
      }));
  }

  it("a position behind the end is found", () =>
    withLedger(async (log) => {
      await falsifyGroup(log, { position: 61 });
      const { faults, isSettled } = await log.read();
      assert.deepEqual([faults.map(({ missing }) => missing), isSettled], [[40], true]);
    }));

  it("a falsified number of accepted records is found, in the segments and in the group", () =>
    withLedger(async (log) => {
      await falsifyDurable(log, ({ records }) => ({ records: records + 7 }));
      const { faults } = await log.read();
      assert.deepEqual(faults.map(({ account, missing }) => [account, missing]), [
        ["segments", 7],
        ["group", 7],
      ]);
    }));

  it("a durable end before the last batch is found: queued is counted, not derived", () =>
    withLedger(async (log) => {
      await falsifyDurable(log, ({ records, next }) => ({ records: records + 3, next: next + 3 }));
      const { groups, faults } = await log.read();
      assert.equal(groups[0]?.queued, 40);
      assert.deepEqual(faults.map(({ missing }) => missing), [3, 3]);
    }));

  it("a falsified footer is found", () =>
    withLedger(async (log) => {
      const [, name = ""] = log.segments;
      await log.change(name, async (file) => {
        const seed = checksumSeed(log.logId, Number(name.slice(0, 20)));
        const at = await file.size() - footerBytes;
        const bytes = new Uint8Array(footerBytes);
        await file.read(at, bytes);
        const footer = decodeFooter(bytes, seed);
        assert.ok(footer !== undefined);
        await file.write(at, encodeFooter({ ...footer, count: footer.count - 1 }, seed));
      });
      const { faults } = await log.read();
      assert.deepEqual(faults.map(({ account, missing }) => [account, missing]), [["segments", 1]]);
      assert.match(faults[0]!.what, new RegExp(name));
    }));

  it("a batch that holds fewer records than its segment says is found", () =>
    withLedger(async (log) => {
      const name = log.segments.at(-1)!;
      await log.change(name, async (file) => {
        const base = Number(name.slice(0, 20));
        const head = new Uint8Array(batchHeaderBytes);
        await file.read(segmentHeaderBytes, head);
        const batch = new Uint8Array(headerAt(viewOf(head), 0)!.bytes);
        await file.read(segmentHeaderBytes, batch);
        const falsified = { count: 2, baseOffset: base, syncedThrough: base, time: 1 };
        sealBatch(batch, falsified, checksumSeed(log.logId, base));
        await file.write(segmentHeaderBytes, batch);
      });
      const { faults } = await log.read();
      assert.deepEqual(faults.map(({ account }) => account), ["segments", "group"]);
    }));

  it("a group that begins at the end has nothing to do with what was before", () =>
    withLedger(async (log) => {
      {
        await using open = await openFileLog({ directory: log.directory, segmentBytes });
        const reading = open.subscribe(topic, { group: "late", from: "latest" });
        await reading.ready;
        await open.publish(topic, { value: null });
        for await (const batch of reading) {
          await batch.commit();
          break;
        }
      }
      const ledger = await openFileLogLedger(log).read(topic, ["late", "nobody"]);
      assert.deepEqual(ledger.faults, []);
      const passed = { recordsBefore: 60, delivered: 1, deadLettered: 0, dropped: 0 };
      assert.deepEqual(ledger.groups, [
        { group: "late", position: 61n, ...passed, queued: 0, lost: 0 },
      ]);
    }));

  it("a log whose writer was killed before it could say how far it came is no fault", () =>
    withLedger(async (log) => {
      await log.change("durable", (file) => file.write(0, new Uint8Array(4096)));
      const lost = await log.read();
      assert.deepEqual([lost.isSettled, lost.faults], [false, []]);
      await using open = await openFileLog({ directory: log.directory, topics: [topic] });
      const found = await log.read();
      assert.deepEqual([found.isSettled, found.accepted, found.faults], [true, 60, []]);
      await open[Symbol.asyncDispose]();
    }));

  it("are never wrong on a log in use: read while records come, go and are taken away", async () => {
    const directory = await Deno.makeTempDir();
    try {
      const maxBytes = 64 * 1024;
      await using log = await openFileLog({ directory, maxBytes, topics: [topic] });
      const stop = new AbortController();
      let reads = 0;
      const auditing = (async () => {
        const ledger = openFileLogLedger({ directory });
        while (!stop.signal.aborted) {
          assert.deepEqual((await ledger.read(topic, [group])).faults, []);
          reads += 1;
        }
      })();
      const reading = (async () => {
        const { signal } = stop;
        for await (const batch of log.subscribe(topic, { group, from: "earliest", signal })) {
          // Most stand in the middle of a batch.
          await batch.commit(batch.records[batch.records.length >> 1]!.offset).catch(() => {});
        }
      })();
      for (let n = 0; n < 150 || reads < 20; n++) {
        const value = new Uint8Array(n % 700);
        await Promise.all([0, 1, 2, 3, 4].map(() => log.publish(topic, { value })));
      }
      stop.abort();
      await Promise.all([auditing, reading]);
      const ledger = await openFileLogLedger({ directory }).read(topic, [group]);
      assert.ok(ledger.takenAway > 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
