/** Laws on what a subscription hands out. */
import assert from "node:assert/strict";
import { bytes, inOnePartition, type Law, publishAll, series, text } from "../law.ts";
import { openReader } from "../reader.ts";

/** G12, G13: where reading ends, and what a batch is. */
export const batchLaws: readonly Law[] = [
  {
    id: "G12",
    name: "until end stops at the end as it was at the call",
    async run({ open, place }) {
      const log = await open();
      for (const group of [undefined, place.group("until-end")]) {
        const topic = place.topic(group === undefined ? "until-end" : "until-end-group");
        await publishAll(log, topic, series("v", 30).map(inOnePartition));
        const options = { from: "earliest", until: "end", maxRecords: 10 } as const;
        const reader = openReader(
          log,
          topic,
          group === undefined ? options : { ...options, group },
        );
        await reader.ready();
        await publishAll(log, topic, series("later", 30).map(inOnePartition));
        await reader.takes(series("v", 30));
        await reader.ends();
        await reader.leave();
      }
    },
  },
  {
    id: "G12",
    name: "until end stops at once where there is nothing before it",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("nothing-new"), place.group("nothing-new")];
      await publishAll(log, topic, [inOnePartition("v")]);
      await openReader(log, topic, { from: "latest", until: "end" }).ends();
      const first = openReader(log, topic, { group, from: "earliest", until: "end" });
      await first.takes(["v"], (batch) => batch.commit());
      await first.ends();
      await openReader(log, topic, { group, from: "earliest", until: "end" }).ends();
    },
  },
  {
    id: "G13",
    name: "a batch has at most maxRecords records and says where the partition ends",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("batches");
      const reports = await publishAll(log, topic, series("v", 25).map(inOnePartition));
      for (const maxRecords of [1, 7]) {
        const reader = openReader(log, topic, { from: "earliest", maxRecords });
        await reader.takes(series("v", 25), ({ records, end }) => {
          const count = records.length;
          assert.ok(count >= 1 && count <= maxRecords, `a batch has ${count} of ${maxRecords}`);
          assert.equal(
            end,
            reports.at(-1)!.offset + 1n,
            "the end is the offset of the next record",
          );
        });
        await reader.leave();
      }
      const more = await publishAll(log, topic, series("more", 5).map(inOnePartition));
      const reader = openReader(log, topic, { from: { offset: more[0]!.offset } });
      const batch = await reader.next();
      assert.equal(batch?.end, more.at(-1)!.offset + 1n, "the end is where it is now");
      await reader.leave();
    },
  },
  {
    id: "G13",
    name: "a batch has at most 500 records where nothing is said",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("default-batches");
      await publishAll(log, topic, series("v", 1100).map(inOnePartition));
      for (const group of [{}, { group: place.group("default-batches") }]) {
        const reader = openReader(log, topic, { from: "earliest", ...group });
        await reader.takes(series("v", 1100), ({ records: { length } }) => {
          assert.ok(length <= 500, `a batch has ${length} records, wanted at most 500`);
        });
        await reader.leave();
      }
    },
  },
  {
    id: "G13",
    name: "a batch is of its topic and of one partition, and its offsets grow",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("one-partition");
      const keys = series("k", 60);
      const reports = await publishAll(log, topic, keys.map((key) => ({ key, value: bytes(key) })));
      const placed = new Map(keys.map((key, n) => [key, reports[n]!]));
      const positions = new Map<number, bigint>();
      for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
        assert.equal(batch.topic, topic);
        assert.ok(batch.records.length > 0, "a batch has no records");
        for (const { key, offset } of batch.records) {
          const of = text(key);
          const report = placed.get(of);
          const told = `"${of}", offset ${offset}, came as of partition ${batch.partition}`;
          assert.equal(batch.partition, report?.partition, told);
          assert.equal(offset, report?.offset, told);
          const before = positions.get(batch.partition) ?? -1n;
          assert.ok(offset > before, `${told} after ${before}: offsets grow`);
          positions.set(batch.partition, offset);
        }
      }
    },
  },
];
