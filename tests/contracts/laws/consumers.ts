import assert from "node:assert/strict";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  openReader,
  publishAll,
  rejectsWith,
  series,
  text,
  within,
} from "../law.ts";

const valuesOf = (records: readonly { value: Uint8Array | null }[]): readonly string[] =>
  records.map((record) => text(record.value));

/** G1–G4, G11: groups, commits, and reading without leaving a trace. */
export const consumerLaws: readonly Law[] = [
  {
    id: "G1",
    name: "two groups each get every record",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("two-groups");
      await publishAll(log, topic, series("v", 100).map(inOnePartition));
      for (const name of ["one", "two"]) {
        const reader = openReader(log, topic, { group: place.group(name), from: "earliest" });
        const records = await reader.take(100, (batch) => batch.commit());
        assert.deepEqual(valuesOf(records), series("v", 100));
        await reader.leave();
      }
    },
  },
  {
    id: "G2",
    name: "two members of a group get every record between them, none twice",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("members"), place.group("members")];
      await publishAll(logs[0]!, topic, [inOnePartition("first")]);
      const abort = new AbortController();
      const seen: string[] = [];
      let complete = (): void => {};
      const all = new Promise<void>((resolve) => complete = resolve);
      const subscriptions = logs.map((log) =>
        log.subscribe(topic, { group, from: "earliest", signal: abort.signal })
      );
      // Both are members before the flow begins: a rebalance under way may hand a record to two.
      await within("joining", Promise.all(subscriptions.map(({ ready }) => ready)));
      const members = subscriptions.map(async (subscription) => {
        for await (const batch of subscription) {
          seen.push(...valuesOf(batch.records));
          await batch.commit();
          if (new Set(seen).size === 301) complete();
        }
      });
      await publishAll(
        logs[0]!,
        topic,
        series("v", 300).map((value) => ({ key: value, value: bytes(value) })),
      );
      await within("reading 301 records", all);
      abort.abort();
      await within("leaving", Promise.all(members));
      const flow = seen.filter((value) => value !== "first");
      assert.deepEqual(flow.toSorted(), series("v", 300).toSorted());
    },
  },
  {
    id: "G2",
    name: "a member that leaves is taken over by another, from the commit on",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const [topic, group] = [place.topic("take-over"), place.group("take-over")];
      await publishAll(logs[0]!, topic, series("v", 10).map(inOnePartition));
      const first = openReader(logs[0]!, topic, { group, from: "earliest", maxRecords: 5 });
      const batch = await first.next();
      assert.ok(batch);
      await batch.commit();
      const second = openReader(logs[1]!, topic, { group, from: "earliest", maxRecords: 5 });
      const taken = second.take(5);
      await first.leave();
      assert.deepEqual(valuesOf(await taken).slice(0, 5), series("v", 10).slice(5));
      await second.leave();
    },
  },
  {
    id: "G3",
    name: "a group continues after its commit",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("resume"), place.group("resume")];
      await publishAll(log, topic, series("v", 20).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest", maxRecords: 8 });
      await (await first.next())?.commit();
      await first.leave();
      const second = openReader(log, topic, { group, from: "earliest" });
      assert.deepEqual(valuesOf(await second.take(12)), series("v", 20).slice(8));
      await second.leave();
    },
  },
  {
    id: "G3",
    name: "a commit is there after closing and opening again",
    outside: (g) => g.survivesRestart ? undefined : "commits do not survive the process",
    async run({ open, place }) {
      const [topic, group] = [place.topic("durable-commit"), place.group("durable-commit")];
      const log = await open();
      await publishAll(log, topic, series("v", 20).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest", maxRecords: 8 });
      await (await first.next())?.commit();
      await first.leave();
      await log[Symbol.asyncDispose]();
      const second = openReader(await open(), topic, { group, from: "earliest" });
      assert.deepEqual(valuesOf(await second.take(12)), series("v", 20).slice(8));
      await second.leave();
    },
  },
  {
    id: "G3",
    name: "commit(through) in the middle of a batch continues at the next record",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("through"), place.group("through")];
      await publishAll(log, topic, series("v", 10).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest" });
      const batch = await first.next();
      const third = batch?.records[2];
      assert.ok(batch && third);
      await batch.commit(third.offset);
      await first.leave();
      const second = openReader(log, topic, { group });
      assert.deepEqual(valuesOf(await second.take(7)), series("v", 10).slice(3));
      await second.leave();
    },
  },
  {
    id: "G3",
    name: "commit() refuses an offset that is not of its batch",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("foreign-offset"), place.group("foreign-offset")];
      await publishAll(log, topic, series("v", 4).map(inOnePartition));
      const reader = openReader(log, topic, { group, from: "earliest", maxRecords: 2 });
      const batch = await reader.next();
      assert.ok(batch);
      await rejectsWith("invalid_record", batch.commit(batch.records.at(-1)!.offset + 1n));
      await reader.leave();
    },
  },
  {
    id: "G4",
    name: "a commit does not pass a batch that nobody has handled",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("unhandled"), place.group("unhandled")];
      await publishAll(log, topic, series("v", 9).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest", maxRecords: 3 });
      const batches = await threeBatches(first);
      await batches[0].commit();
      await batches[2].commit();
      await first.leave();
      const second = openReader(log, topic, { group, from: "earliest" });
      assert.deepEqual(valuesOf(await second.take(6)), series("v", 9).slice(3));
      await second.leave();
    },
  },
  {
    id: "G4",
    name: "batches committed out of order take effect in order",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("out-of-order"), place.group("out-of-order")];
      await publishAll(log, topic, series("v", 12).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest", maxRecords: 3 });
      const batches = await threeBatches(first);
      await batches[2].commit();
      await batches[1].commit();
      await batches[0].commit();
      await first.leave();
      const second = openReader(log, topic, { group, from: "earliest" });
      assert.deepEqual(valuesOf(await second.take(3)), series("v", 12).slice(9));
      await second.leave();
    },
  },
  {
    id: "G5",
    name: "a commit after the member has left is refused with revoked",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("left"), place.group("left")];
      await publishAll(log, topic, series("v", 3).map(inOnePartition));
      const reader = openReader(log, topic, { group, from: "earliest" });
      const batch = await reader.next();
      assert.ok(batch);
      await reader.leave();
      await rejectsWith("revoked", batch.commit());
    },
  },
  {
    id: "G11",
    name: "reading without a group stores nothing and cannot commit",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("no-group");
      await publishAll(log, topic, series("v", 10).map(inOnePartition));
      for (const _ of ["first", "second"]) {
        const reader = openReader(log, topic, { from: "earliest" });
        const batch = await reader.next();
        assert.equal(text(batch?.records[0]?.value ?? null), "v0");
        await rejectsWith("unsupported", batch!.commit());
        await reader.leave();
      }
    },
  },
  {
    id: "G11",
    name: "latest is the end at the call: of what is published after ready, nothing is missing",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("latest");
      await publishAll(log, topic, series("old", 5).map(inOnePartition));
      for (const group of [undefined, place.group("latest")]) {
        const stem = group === undefined ? "plain" : "grouped";
        const reader = openReader(log, topic, group === undefined ? {} : { group });
        await reader.ready();
        await publishAll(log, topic, series(stem, 40).map(inOnePartition));
        assert.deepEqual(valuesOf(await reader.take(40)), series(stem, 40));
        await reader.leave();
      }
    },
  },
  {
    id: "G11",
    name: "with a group, latest is committed before the first batch: the next member skips nothing",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("latest-kept"), place.group("latest-kept")];
      await publishAll(log, topic, series("old", 5).map(inOnePartition));
      const first = openReader(log, topic, { group });
      await first.ready();
      await publishAll(log, topic, series("new", 5).map(inOnePartition));
      await first.take(5);
      await first.leave();
      const second = openReader(log, topic, { group });
      assert.deepEqual(valuesOf(await second.take(5)), series("new", 5));
      await second.leave();
    },
  },
  {
    id: "G11",
    name: "from an offset: that record; the oldest before it, the end past it",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("from-offset");
      const reports = await publishAll(log, topic, series("v", 20).map(inOnePartition));
      const [first, seventh, last] = [0, 7, 19].map((n) => reports[n]!.offset);
      for (const [offset, count] of [[0n, 20], [first!, 20], [seventh!, 13], [last!, 1]] as const) {
        const reader = openReader(log, topic, { from: { offset }, until: "end" });
        assert.deepEqual(valuesOf(await reader.take(count)), series("v", 20).slice(20 - count));
        assert.equal(await reader.next(), undefined);
      }
      const reader = openReader(log, topic, { from: { offset: last! + 1000n } });
      await reader.ready();
      await publishAll(log, topic, [inOnePartition("new")]);
      assert.deepEqual(valuesOf(await reader.take(1)), ["new"]);
      await reader.leave();
    },
  },
  {
    id: "G11",
    name: "an offset counts in each partition for itself",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("from-offset-each");
      const keys = series("k", 40);
      const reports = await publishAll(log, topic, keys.map((key) => ({ key, value: bytes(key) })));
      const from = { offset: reports.toSorted((a, b) => Number(a.offset - b.offset))[20]!.offset };
      const expected = keys.filter((_, n) => reports[n]!.offset >= from.offset);
      assert.ok(expected.length > 0 && expected.length < 40);
      const reader = openReader(log, topic, { from, until: "end" });
      const read = valuesOf(await reader.take(expected.length));
      assert.deepEqual(read.toSorted(), expected.toSorted());
      assert.equal(await reader.next(), undefined);
    },
  },
  {
    id: "G11",
    name: "from a time: all that was taken at that time or later, the end where there is nothing",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("from-time");
      await publishAll(log, topic, series("old", 20).map(inOnePartition));
      const time = await laterTime();
      const reports = await publishAll(log, topic, series("new", 20).map(inOnePartition));
      for (const from of [{ time }, { time: Math.min(...reports.map((r) => r.timestamp)) }]) {
        const reader = openReader(log, topic, { from, until: "end" });
        assert.deepEqual(valuesOf(await reader.take(20)), series("new", 20));
        assert.equal(await reader.next(), undefined);
      }
      const all = openReader(log, topic, { from: { time: 0 }, until: "end" });
      assert.equal((await all.take(40)).length, 40);
      await all.leave();
      const late = openReader(log, topic, { from: { time: Date.now() + 3_600_000 } });
      await late.ready();
      await publishAll(log, topic, [inOnePartition("next")]);
      assert.deepEqual(valuesOf(await late.take(1)), ["next"]);
      await late.leave();
    },
  },
  {
    id: "G11",
    name: "with a group, an offset or a time counts only where there is no position, and is kept",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("from-in-group");
      const reports = await publishAll(log, topic, series("v", 10).map(inOnePartition));
      const starts = [["offset", { offset: reports[6]!.offset }], ["time", { time: 0 }]] as const;
      for (const [name, from] of starts) {
        const [group, expected] = [
          place.group(name),
          series("v", 10).slice(name === "time" ? 0 : 6),
        ];
        for (const again of [from, "latest", { offset: 0n }] as const) {
          const reader = openReader(log, topic, { group, from: again });
          assert.deepEqual(valuesOf(await reader.take(expected.length)), expected);
          await reader.leave();
        }
      }
    },
  },
  {
    id: "G12",
    name: "until end stops at the end as it was at the call",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("until-end");
      await publishAll(log, topic, series("v", 30).map(inOnePartition));
      const reader = openReader(log, topic, { from: "earliest", until: "end", maxRecords: 10 });
      await reader.ready();
      await publishAll(log, topic, series("later", 30).map(inOnePartition));
      assert.deepEqual(valuesOf(await reader.take(30)), series("v", 30));
      assert.equal(await reader.next(), undefined);
    },
  },
  {
    id: "G12",
    name: "until end stops at once where there is nothing before it",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("nothing-new"), place.group("nothing-new")];
      await publishAll(log, topic, [inOnePartition("v")]);
      const latest = openReader(log, topic, { from: "latest", until: "end" });
      assert.equal(await latest.next(), undefined);
      const first = openReader(log, topic, { group, from: "earliest", until: "end" });
      await (await first.next())?.commit();
      assert.equal(await first.next(), undefined);
      const second = openReader(log, topic, { group, from: "earliest", until: "end" });
      assert.equal(await second.next(), undefined);
    },
  },
  {
    id: "G13",
    name: "a batch has at most maxRecords records and says where the partition ends",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("batches");
      const reports = await publishAll(log, topic, series("v", 25).map(inOnePartition));
      const reader = openReader(log, topic, { from: "earliest", maxRecords: 7 });
      await reader.take(25, (batch) => {
        assert.ok(batch.records.length >= 1 && batch.records.length <= 7);
        assert.equal(batch.end, reports.at(-1)!.offset + 1n);
      });
      await reader.leave();
    },
  },
];

/** A time at which nothing was published yet, though something a millisecond before. */
async function laterTime(): Promise<number> {
  const before = Date.now();
  while (Date.now() <= before + 1) await new Promise((resolve) => setTimeout(resolve, 1));
  return Date.now();
}

async function threeBatches(
  reader: { next(): Promise<RecordBatch | undefined> },
): Promise<readonly [RecordBatch, RecordBatch, RecordBatch]> {
  const [one, two, three] = [await reader.next(), await reader.next(), await reader.next()];
  assert.ok(one && two && three);
  assert.deepEqual([one, two, three].map((batch) => batch.records.length), [3, 3, 3]);
  return [one, two, three];
}
