/** Laws on delivery. */
import assert from "node:assert/strict";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { DeliveryReport } from "../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import { assertRecords, assertSameRecords } from "../assert_records.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  series,
  text,
  valuesOf,
  within,
} from "../law.ts";
import { openReader, readToEnd } from "../reader.ts";
import { createTally } from "../tally.ts";

/** P1, P8–P10: what goes in comes out, once, at the place that was reported. */
export const deliveryLaws: readonly Law[] = [
  {
    id: "P1",
    name: "every published record arrives, once",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("all-arrive");
      const values = series("event-", 1000);
      await publishAll(log, topic, values.map((key) => ({ key, value: bytes(key) })));
      assertSameRecords(valuesOf(await readToEnd(log, topic)), values);
    },
  },
  {
    id: "P8",
    name: "topics do not leak into each other",
    async run({ open, place }) {
      const log = await open();
      const topics = ["one", "two"].map((stem) => [place.topic(stem), series(stem, 50)] as const);
      await Promise.all(
        topics.map(([topic, values]) => publishAll(log, topic, values.map(inOnePartition))),
      );
      for (const [topic, values] of topics) {
        assertRecords(valuesOf(await readToEnd(log, topic)), values);
      }
    },
  },
  {
    id: "P9",
    name: "three publishers and three consumers of one group: none lost",
    async run({ openSeveral, place, guarantees }) {
      const logs = await openSeveral(3);
      const [topic, group] = [place.topic("many"), place.group("many")];
      const values = logs.flatMap((_, p) => series(`p${p}-`, 200));
      // Members that join meanwhile take partitions over from others, where they share them.
      const mayRepeat = () => guarantees.groupMembers === "share";
      const tally = createTally(["first", ...values], mayRepeat);
      const first = await publishAll(logs[0]!, topic, [inOnePartition("first")]);
      const abort = new AbortController();
      const consumers = logs.map(async (log) => {
        const options = { group, from: "earliest", signal: abort.signal } as const;
        for await (const batch of log.subscribe(topic, options)) {
          await batch.commit();
          tally.note(batch);
        }
      });
      Promise.all(consumers).catch(tally.fail);
      const reports = await Promise.all(
        logs.map((log, p) =>
          publishAll(log, topic, series(`p${p}-`, 200).map((key) => ({ key, value: bytes(key) })))
        ),
      );
      tally.placed([...first, ...reports.flat()]);
      await tally.all().finally(() => abort.abort());
      await within("leaving", Promise.all(consumers));
      await tally.all();
    },
  },
  {
    id: "P10",
    name: "each record gets one report, which says where it stands: tombstones, and over 1,000",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("reports");
      const records = numbered(1200);
      const reports = await publishAll(log, topic, records);
      await assertReports(log, topic, records, reports);
      for (const n of [0, 7, 999, 1000, 1199]) await assertFoundAt(log, reports[n]!, n);
    },
  },
  {
    id: "P10",
    name: "the first report after opening again says where its record stands",
    outside: (g) => g.survivesRestart ? undefined : "records do not survive the process",
    async run({ open, place }) {
      const topic = place.topic("reports-restart");
      const records = numbered(12);
      const reports: DeliveryReport[] = [];
      for (const record of records) {
        const log = await open();
        reports.push(...await publishAll(log, topic, [record]));
        await log[Symbol.asyncDispose]();
      }
      await assertReports(await open(), topic, records, reports);
    },
  },
  {
    id: "P10",
    name: "a record published through one handle reaches a reader that waits at another",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const topic = place.topic("visible");
      await publishAll(logs[0]!, topic, [inOnePartition("zero")]);
      const reader = openReader(logs[1]!, topic, { from: "earliest" });
      assertRecords(valuesOf(await reader.take(1)), ["zero"]);
      // At every moment between asking and waiting: what wakes nobody would be seen with the next
      // record only.
      for (const [turns, value] of series("v", 40).entries()) {
        const waiting = reader.take(1);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        await publishAll(logs[0]!, topic, [inOnePartition(value)]);
        assertRecords(valuesOf(await waiting), [value]);
      }
      await reader.leave();
    },
  },
];

/**
 * Records that bear their number in a header; each seventh is a tombstone, and most are of one key.
 */
function numbered(count: number): readonly EventRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    key: n % 10 === 0 ? `key-${n}` : "k",
    value: n % 7 === 0 ? null : bytes(`v${n}`),
    headers: [["n", bytes(`${n}`)]],
  }));
}

async function assertReports(
  log: EventLog,
  topic: string,
  records: readonly EventRecord[],
  reports: readonly DeliveryReport[],
): Promise<void> {
  const read = await readToEnd(log, topic);
  const at = new Map(read.map((record) => [`${record.partition}/${record.offset}`, record]));
  const last = new Map<number, bigint>();
  for (const [n, report] of reports.entries()) {
    const place = `${report.partition}/${report.offset}`;
    const found = at.get(place);
    const told = `record ${n} was reported at ${place}`;
    assert.ok(found, `${told}, where nothing stands`);
    const number = text(found.headers[0]?.[1] ?? null);
    assert.equal(number, `${n}`, `${told}, where record ${number} stands`);
    assert.equal(report.timestamp, found.timestamp, `${told} with another timestamp`);
    assert.equal(report.topic, topic, told);
    const before = last.get(report.partition) ?? -1n;
    assert.ok(report.offset > before, `${told} after ${before}: offsets of a partition grow`);
    last.set(report.partition, report.offset);
  }
  assert.equal(read.length, records.length);
}

/** Reading from the reported offset on begins with that record. */
async function assertFoundAt(log: EventLog, report: DeliveryReport, n: number): Promise<void> {
  const { topic, partition, offset } = report;
  const records = await readToEnd(log, topic, { offset });
  const first = records.find((record) => record.partition === partition);
  const number = text(first?.headers[0]?.[1] ?? null);
  assert.equal(
    number,
    `${n}`,
    `record ${number} is the first from offset ${offset} on, wanted ${n}`,
  );
}
