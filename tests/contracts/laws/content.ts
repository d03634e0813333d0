/** Laws on what a record holds. */
import assert from "node:assert/strict";
import type { EventRecord, RecordHeader } from "../../../src/ports/event_record.ts";
import { bytes, inOnePartition, type Law, publishAll, rejectsWith, text } from "../law.ts";
import { openReader, readToEnd } from "../reader.ts";

/** P2–P5, K6: bytes, headers, keys and timestamps come back as they were given. */
export const contentLaws: readonly Law[] = [
  {
    id: "P2",
    name: "the bytes of a value are exact: not UTF-8, none, null, near the size limit",
    async run({ open, place, guarantees }) {
      const log = await open();
      const topic = place.topic("value-bytes");
      const large = new Uint8Array(guarantees.maxRecordBytes - 1000);
      for (let n = 0; n < large.length; n++) large[n] = (n * 31) & 0xff;
      const values = {
        "all bytes": Uint8Array.from({ length: 256 }, (_, n) => n),
        "no bytes": new Uint8Array(0),
        tombstone: null,
        large,
      };
      const records = Object.values(values).map((value) => ({ key: "k", value }));
      await publishAll(log, topic, records);
      const read = (await readToEnd(log, topic)).map((record) => record.value);
      assert.equal(read.length, records.length);
      for (const [n, [name, value]] of Object.entries(values).entries()) {
        assertSameBytes(read[n], value, `value "${name}"`);
      }
    },
  },
  {
    id: "P2",
    name: "a view into a larger buffer is stored as its own bytes only",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("views");
      const buffer = bytes("<key><value><header>");
      await publishAll(log, topic, [{
        key: buffer.subarray(1, 4),
        value: buffer.subarray(6, 11),
        headers: [["h", buffer.subarray(13, 19)]],
      }]);
      const [read] = await readToEnd(log, topic);
      assert.deepEqual(
        [read?.key, read?.value, read?.headers[0]?.[1]].map((part) => text(part ?? null)),
        ["key", "value", "header"],
      );
    },
  },
  {
    id: "P3",
    name:
      "headers come back: repeated names, empty, null and binary values, odd characters, in order",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("headers");
      const headers: readonly RecordHeader[] = [
        ["b", bytes("1")],
        ["1", bytes("two")],
        ["a", bytes("first")],
        ["naïve name ✓", new Uint8Array(0)],
        ["a", Uint8Array.of(0, 255, 128)],
        ["Upper-Case", bytes("u")],
        ["upper-case", bytes("l")],
        [" spaced ", bytes("s")],
        ["__proto__", bytes("p")],
        ["none at all", null],
      ];
      await publishAll(log, topic, [{ value: bytes("v"), headers }, { value: bytes("none") }]);
      const read = await readToEnd(log, topic);
      const of = (value: string) => read.find((record) => text(record.value) === value)?.headers;
      assertSameHeaders(of("v"), headers);
      assertSameHeaders(of("none"), []);
    },
  },
  {
    id: "P3",
    name: "headers may be many, and their names and values long",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("many-headers");
      const headers: readonly RecordHeader[] = [
        ["x".repeat(249), bytes("a long name")],
        ["✓".repeat(83), bytes("as long in bytes")],
        ["long", new Uint8Array(100_000).fill(7)],
        ...Array.from({ length: 200 }, (_, n) => [`h${n}`, bytes(`${n}`)] as const),
      ];
      await publishAll(log, topic, [{ key: "k", value: null, headers }]);
      assertSameHeaders((await readToEnd(log, topic))[0]?.headers, headers);
    },
  },
  {
    id: "P3",
    name: "a header without a name, without a value or with a lone surrogate is refused",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("bad-headers");
      const badHeaders: readonly unknown[] = [
        ["", bytes("v")],
        ["n"],
        ["n", undefined],
        ["n", "text"],
        ["\ud800", bytes("v")],
        ["x".repeat(250), bytes("v")],
      ];
      for (const header of badHeaders) {
        const record = { value: null, headers: [header] } as EventRecord;
        await rejectsWith("invalid_record", log.publish(topic, record));
      }
    },
  },
  {
    id: "P4",
    name: "keys are exact, of any length, and no key is not an empty key",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("keys");
      const keys = [
        undefined,
        "",
        "dune",
        "Zafón ✓",
        " Dune ",
        "Cafe\u0301",
        Uint8Array.of(255, 0, 1),
        "k".repeat(100_000),
      ] as const;
      await publishAll(
        log,
        topic,
        keys.map((key, n) => ({ ...(key === undefined ? {} : { key }), value: bytes(`${n}`) })),
      );
      const read = new Map(
        (await readToEnd(log, topic)).map((r) => [Number(text(r.value)), r.key]),
      );
      for (const [n, key] of keys.entries()) {
        const wanted = typeof key === "string" ? bytes(key) : key ?? null;
        assertSameBytes(read.get(n), wanted, key === undefined ? "no key" : `key ${n}`);
      }
    },
  },
  {
    id: "P5",
    name: "a timestamp is kept, and a record without one gets the present",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("timestamps");
      const given = [Date.UTC(2020, 1, 29, 12, 0, 0, 123), 0, 1, Date.UTC(2001, 0, 1)];
      const before = Date.now();
      const reports = await publishAll(log, topic, [
        ...given.map((timestamp) => ({ key: "k", value: bytes("given"), timestamp })),
        { key: "k", value: bytes("not given") },
      ]);
      const after = Date.now();
      const read = (await readToEnd(log, topic)).map(({ timestamp }) => timestamp);
      assert.deepEqual(read.slice(0, -1), given);
      assert.deepEqual(reports.map(({ timestamp }) => timestamp), read);
      const stamped = read.at(-1) ?? 0;
      assert.ok(stamped >= before - 1 && stamped <= after + 1, `${stamped} is not the present`);
    },
  },
  {
    id: "K6",
    name: "the trace context of a record reaches every group, unchanged",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("trace");
      const headers = [
        ["traceparent", bytes("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
        ["tracestate", bytes("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")],
      ] as const;
      await publishAll(log, topic, [{ ...inOnePartition("v"), headers }]);
      for (const name of ["one", "two"]) {
        const reader = openReader(log, topic, { group: place.group(name), from: "earliest" });
        const [record] = await reader.take(1, (batch) => batch.commit());
        const traced = (record?.headers ?? []).filter(([name]) => name.startsWith("trace"))
          .map(([name, value]) => [name, text(value)]);
        assert.deepEqual(traced, headers.map(([name, value]) => [name, text(value)]));
        await reader.leave();
      }
    },
  },
];

function assertSameHeaders(
  actual: readonly RecordHeader[] | undefined,
  wanted: readonly RecordHeader[],
): void {
  assert.ok(actual, "missing: the record");
  const names = (headers: readonly RecordHeader[]): readonly string[] =>
    headers.map(([name]) => name);
  for (const [n, name] of names(wanted).entries()) {
    const found: RecordHeader | undefined = actual[n];
    const is: string = `header ${n} is ${JSON.stringify(found?.[0])}, wanted ${
      JSON.stringify(name)
    }`;
    assert.ok(found?.[0] === name, is);
    assertSameBytes(found[1], wanted[n]![1], `value of header "${name}"`);
  }
  assert.deepEqual(names(actual), names(wanted));
}

function assertSameBytes(
  actual: Uint8Array | null | undefined,
  wanted: Uint8Array | null,
  what: string,
): void {
  const said = (value: Uint8Array | null | undefined) =>
    value === null || value === undefined ? `${value}` : `${value.length} bytes`;
  const is = `${what} is ${said(actual)}, wanted ${said(wanted)}`;
  if (wanted === null || !actual) return assert.ok(actual === wanted, is);
  assert.ok(actual.length === wanted.length, is);
  const wrong = actual.findIndex((byte, n) => byte !== wanted[n]);
  assert.equal(wrong, -1, `${what} has another byte at ${wrong}`);
}
