import assert from "node:assert/strict";
import type { EventRecord, RecordHeader } from "../../../src/ports/event_record.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  openReader,
  publishAll,
  readAll,
  rejectsWith,
  series,
  text,
  within,
} from "../law.ts";

/** P1–P10: what goes in comes out, once, whole and in order. */
export const deliveryLaws: readonly Law[] = [
  {
    id: "P1",
    name: "every published record arrives, once",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("all-arrive");
      const values = series("event-", 1000);
      await publishAll(
        log,
        topic,
        values.map((value, n) => ({ key: `${n}`, value: bytes(value) })),
      );
      const read = (await readAll(log, topic)).map((record) => text(record.value));
      assert.deepEqual(read.toSorted(), values.toSorted());
    },
  },
  {
    id: "P2",
    name: "the bytes of a value are exact: not UTF-8, none, null, near the size limit",
    async run({ open, place, guarantees }) {
      const log = await open();
      const topic = place.topic("value-bytes");
      const large = new Uint8Array(guarantees.maxRecordBytes - 1000);
      for (let n = 0; n < large.length; n++) large[n] = (n * 31) & 0xff;
      const values = [
        Uint8Array.from({ length: 256 }, (_, n) => n),
        new Uint8Array(0),
        null,
        large,
      ];
      await publishAll(log, topic, values.map((value) => ({ key: "k", value })));
      const read = (await readAll(log, topic)).map((record) => record.value);
      assert.equal(read.length, values.length);
      for (const [n, value] of values.entries()) assertSameBytes(read[n], value);
    },
  },
  {
    id: "P2",
    name: "a view into a larger buffer is stored as its own bytes only",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("views");
      const buffer = bytes("<key><value>");
      const record = { key: buffer.subarray(1, 4), value: buffer.subarray(6, 11) };
      await publishAll(log, topic, [record]);
      const [read] = await readAll(log, topic);
      assert.deepEqual([text(read?.key ?? null), text(read?.value ?? null)], ["key", "value"]);
    },
  },
  {
    id: "P3",
    name: "headers come back: repeated names, empty and binary values, odd characters",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("headers");
      const headers: readonly RecordHeader[] = [
        ["b", bytes("1")],
        ["1", bytes("two")],
        ["a", bytes("first")],
        ["naïve name ✓", new Uint8Array(0)],
        ["a", Uint8Array.of(0, 255, 128)],
        ["__proto__", bytes("p")],
      ];
      await publishAll(log, topic, [{ value: bytes("v"), headers }, { value: bytes("none") }]);
      const read = await readAll(log, topic);
      const found = read.find((record) => text(record.value) === "v")?.headers ?? [];
      const plain = (list: readonly RecordHeader[]) =>
        list.map(([name, value]) => [name, [...value]]);
      assert.deepEqual(plain(found), plain(headers));
      assert.deepEqual(read.find((record) => text(record.value) === "none")?.headers, []);
    },
  },
  {
    id: "P3",
    name: "a header without a name, with a null value or with a lone surrogate is refused",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("bad-headers");
      const badHeaders: readonly unknown[] = [["", bytes("v")], ["n", null], [
        "\ud800",
        bytes("v"),
      ]];
      for (const header of badHeaders) {
        const record = { value: null, headers: [header] } as EventRecord;
        await rejectsWith("invalid_record", log.publish(topic, record));
      }
    },
  },
  {
    id: "P4",
    name: "keys are exact, and no key is not an empty key",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("keys");
      const keys = [undefined, "", "dune", "Zafón ✓", Uint8Array.of(255, 0, 1)] as const;
      await publishAll(
        log,
        topic,
        keys.map((key, n) => ({ ...(key === undefined ? {} : { key }), value: bytes(`${n}`) })),
      );
      const read = new Map((await readAll(log, topic)).map((r) => [Number(text(r.value)), r.key]));
      assert.deepEqual(read.get(0), null);
      for (const [n, key] of keys.entries()) {
        if (key === undefined) continue;
        assertSameBytes(read.get(n), typeof key === "string" ? bytes(key) : key);
      }
    },
  },
  {
    id: "P5",
    name: "a timestamp is kept, and a record without one gets the present",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("timestamps");
      const given = Date.UTC(2020, 1, 29, 12, 0, 0, 123);
      const before = Date.now();
      const reports = await publishAll(log, topic, [
        { key: "k", value: bytes("given"), timestamp: given },
        { key: "k", value: bytes("not given") },
      ]);
      const read = await readAll(log, topic);
      assert.equal(read[0]?.timestamp, given);
      assert.equal(reports[0]?.timestamp, given);
      const stamped = read[1]?.timestamp ?? 0;
      assert.equal(reports[1]?.timestamp, stamped);
      assert.ok(
        stamped >= before - 1 && stamped <= Date.now() + 1,
        `${stamped} is not the present`,
      );
    },
  },
  {
    id: "P6",
    name: "records of a key keep the order of calls, with 16 keys at once",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("order");
      const records = Array.from({ length: 1600 }, (_, n) => ({
        key: `key-${n % 16}`,
        value: bytes(`${n}`),
      }));
      await publishAll(log, topic, records);
      const last = new Map<string, number>();
      for (const record of await readAll(log, topic)) {
        const [key, n] = [text(record.key), Number(text(record.value))];
        assert.ok(n > (last.get(key) ?? -1), `${n} of ${key} came after ${last.get(key)}`);
        last.set(key, n);
      }
      assert.equal(last.size, 16);
    },
  },
  {
    id: "P7",
    name: "records of a key keep their order over closing and opening again",
    outside: (g) => g.survivesRestart ? undefined : "records do not survive the process",
    async run({ open, place }) {
      const topic = place.topic("order-restart");
      const values = series("", 300);
      for (let from = 0; from < values.length; from += 100) {
        const log = await open();
        await publishAll(log, topic, values.slice(from, from + 100).map(inOnePartition));
        await log[Symbol.asyncDispose]();
      }
      const read = (await readAll(await open(), topic)).map((record) => text(record.value));
      assert.deepEqual(read, values);
    },
  },
  {
    id: "P7",
    name: "a refused record leaves the order of its neighbours as it was",
    async run({ open, place, guarantees }) {
      const log = await open();
      const topic = place.topic("order-refused");
      const tooLarge = { key: "k", value: new Uint8Array(guarantees.maxRecordBytes + 1) };
      const values = series("", 50);
      const outcomes = values.map((value, n) => {
        const sent = log.publish(topic, inOnePartition(value));
        return n % 10 === 5
          ? [sent, rejectsWith("too_large", log.publish(topic, tooLarge))]
          : [sent];
      });
      await within("publishing", Promise.all(outcomes.flat()));
      const read = (await readAll(log, topic)).map((record) => text(record.value));
      assert.deepEqual(read, values);
    },
  },
  {
    id: "P8",
    name: "topics do not leak into each other",
    async run({ open, place }) {
      const log = await open();
      const [one, two] = [place.topic("one"), place.topic("two")];
      await Promise.all([
        publishAll(log, one, series("one-", 50).map(inOnePartition)),
        publishAll(log, two, series("two-", 50).map(inOnePartition)),
      ]);
      for (const [topic, stem] of [[one, "one-"], [two, "two-"]] as const) {
        const read = (await readAll(log, topic)).map((record) => text(record.value));
        assert.deepEqual(read, series(stem, 50));
      }
    },
  },
  {
    id: "P9",
    name: "three publishers and three consumers of one group: none lost",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(3);
      const [topic, group] = [place.topic("many"), place.group("many")];
      await publishAll(logs[0]!, topic, [{ key: "first", value: bytes("first") }]);
      const seen = new Set<string>();
      let complete = (): void => {};
      const all = new Promise<void>((resolve) => complete = resolve);
      const abort = new AbortController();
      const consumers = logs.map(async (log) => {
        const options = { group, from: "earliest", signal: abort.signal } as const;
        for await (const batch of log.subscribe(topic, options)) {
          for (const record of batch.records) seen.add(text(record.value));
          await batch.commit();
          if (seen.size === 601) complete();
        }
      });
      await Promise.all(logs.map((log, p) =>
        publishAll(
          log,
          topic,
          series(`p${p}-`, 200).map((value) => ({ key: value, value: bytes(value) })),
        )
      ));
      await within("reading 601 records", all);
      abort.abort();
      await within("leaving", Promise.all(consumers));
    },
  },
  {
    id: "P10",
    name: "each record gets one report, whose partition and offset point at it",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("reports");
      const values = series("v", 200);
      const reports = await publishAll(
        log,
        topic,
        values.map((value, n) => ({ key: `${n % 7}`, value: bytes(value) })),
      );
      const at = new Map((await readAll(log, topic)).map((r) => [`${r.partition}/${r.offset}`, r]));
      const last = new Map<number, bigint>();
      for (const [n, report] of reports.entries()) {
        const record = at.get(`${report.partition}/${report.offset}`);
        assert.equal(text(record?.value ?? null), values[n]);
        assert.equal(report.topic, topic);
        assert.ok(report.offset > (last.get(report.partition) ?? -1n), "offsets grow");
        last.set(report.partition, report.offset);
      }
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
      assert.equal((await reader.take(1)).length, 1);
      await publishAll(logs[0]!, topic, [inOnePartition("one")]);
      assert.equal(text((await reader.take(1))[0]?.value ?? null), "one");
      await reader.leave();
    },
  },
];

function assertSameBytes(
  actual: Uint8Array | null | undefined,
  wanted: Uint8Array | null,
): void {
  if (wanted === null || !actual) return assert.equal(actual, wanted);
  assert.equal(actual.length, wanted.length);
  assert.ok(actual.every((byte, n) => byte === wanted[n]), "bytes differ");
}
