/** Laws on where reading starts. */
import assert from "node:assert/strict";
import {
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  rejectsWith,
  series,
  valuesOf,
} from "../law.ts";
import { assertRecords, assertSameRecords } from "../assert_records.ts";
import { openReader, readToEnd } from "../reader.ts";

/** G11: where a subscription starts, and that one without a group leaves no trace. */
export const startLaws: readonly Law[] = [
  {
    id: "G11",
    name: "reading without a group stores nothing and cannot commit",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("no-group");
      await publishAll(log, topic, series("v", 10).map(inOnePartition));
      for (const _ of ["first", "second"]) {
        const reader = openReader(log, topic, { from: "earliest" });
        await reader.takes(series("v", 10), async (batch) => {
          await rejectsWith("unsupported", batch.commit());
        });
        await reader.leave();
      }
    },
  },
  {
    id: "G11",
    name: "readers without a group each get every record, at the same time",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const topic = place.topic("side-by-side");
      await publishAll(logs[0]!, topic, series("v", 10).map(inOnePartition));
      const readers = [...logs, logs[0]!].map((log) =>
        openReader(log, topic, { from: "earliest", maxRecords: 4 })
      );
      await Promise.all(readers.map((reader) => reader.takes(series("v", 10))));
      const taken = Promise.all(readers.map((reader) => reader.take(10)));
      await publishAll(logs[0]!, topic, series("w", 10).map(inOnePartition));
      for (const records of await taken) assertRecords(valuesOf(records), series("w", 10));
      for (const reader of readers) await reader.leave();
    },
  },
  {
    id: "G11",
    name: "latest, which is the default, is the end at the call: nothing after ready is missing",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("latest");
      await publishAll(log, topic, series("old", 5).map(inOnePartition));
      const latest = { from: "latest" } as const;
      for (
        const [stem, options] of [
          ["plain", latest],
          ["default", {}],
          ["grouped", { ...latest, group: place.group("latest") }],
          ["grouped-default", { group: place.group("default") }],
        ] as const
      ) {
        const reader = openReader(log, topic, options);
        await reader.ready();
        await publishAll(log, topic, series(stem, 40).map(inOnePartition));
        await reader.takes(series(stem, 40));
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
      await first.takes(series("new", 5));
      await first.leave();
      const second = openReader(log, topic, { group });
      await second.takes(series("new", 5));
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
        await reader.takes(series("v", 20).slice(20 - count));
        await reader.ends();
      }
      const reader = openReader(log, topic, { from: { offset: last! + 1000n } });
      await reader.ready();
      await publishAll(log, topic, [inOnePartition("new")]);
      await reader.takes(["new"]);
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
      const { offset } = reports.toSorted((a, b) => Number(a.offset - b.offset))[20]!;
      const expected = keys.filter((_, n) => reports[n]!.offset >= offset);
      assert.ok(expected.length > 0 && expected.length < 40);
      assertSameRecords(valuesOf(await readToEnd(log, topic, { offset })), expected);
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
        await reader.takes(series("new", 20));
        await reader.ends();
      }
      const all = openReader(log, topic, { from: { time: 0 }, until: "end" });
      await all.takes([...series("old", 20), ...series("new", 20)]);
      await all.leave();
      const late = openReader(log, topic, { from: { time: Date.now() + 3_600_000 } });
      await late.ready();
      await publishAll(log, topic, [inOnePartition("next")]);
      await late.takes(["next"]);
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
        const group = place.group(name);
        const wanted = series("v", 10).slice(name === "time" ? 0 : 6);
        for (const again of [from, "latest", { offset: 0n }] as const) {
          const reader = openReader(log, topic, { group, from: again });
          await reader.takes(wanted);
          await reader.leave();
        }
      }
    },
  },
];

/** A time at which nothing was published yet, though something a millisecond before. */
async function laterTime(): Promise<number> {
  const before = Date.now();
  while (Date.now() <= before + 1) await new Promise((resolve) => setTimeout(resolve, 1));
  return Date.now();
}
