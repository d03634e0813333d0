/** Laws on errors. */
import assert from "node:assert/strict";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import type { StartFrom } from "../../../src/ports/event_source.ts";
import { assertRecords } from "../assert_records.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  rejectsWith,
  series,
  valuesOf,
  within,
} from "../law.ts";
import { openReader, readToEnd } from "../reader.ts";

/** K1–K4: the closed codes, and what ends waiting. */
export const errorLaws: readonly Law[] = [
  {
    id: "K1",
    name: "a bad topic, key, value or timestamp is refused with invalid_record",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("invalid");
      const bad: readonly unknown[] = [
        { value: "text" },
        { value: undefined },
        { key: "\udfff", value: null },
        { key: 7, value: null },
        { value: null, timestamp: -1 },
        { value: null, timestamp: 1.5 },
      ];
      for (const record of bad) {
        await rejectsWith("invalid_record", log.publish(topic, record as EventRecord));
      }
      for (const name of ["", ".", "..", "a b", "a/b", "x".repeat(250)]) {
        await rejectsWith("invalid_record", log.publish(name, { value: null }));
        await rejectsWith("invalid_record", log.subscribe(name).ready);
      }
      await publishAll(log, topic, [inOnePartition("good")]);
      for (const options of [{ group: "a/b" }, { group: "" }, { maxRecords: 0 }]) {
        await rejectsWith("invalid_record", log.subscribe(topic, options).ready);
      }
      const starts: readonly unknown[] = [
        "end",
        null,
        {},
        { offset: -1n },
        { offset: 1 },
        { time: NaN },
        { time: -1 },
        { time: 1.5 },
        { offset: 1n, time: 1 },
      ];
      for (const from of starts) {
        const { ready } = log.subscribe(topic, { from: from as StartFrom });
        await rejectsWith("invalid_record", ready);
      }
    },
  },
  {
    id: "K2",
    name: "an aborted publish() rejects with aborted",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("abort-publish");
      const signal = AbortSignal.abort();
      await rejectsWith("aborted", log.publish(topic, inOnePartition("v"), { signal }));
    },
  },
  {
    id: "K2",
    name: "aborting ends a subscription that waits for its next record, normally",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("abort-subscription");
      await publishAll(log, topic, [inOnePartition("v")]);
      for (const group of [undefined, place.group("abort")]) {
        const abort = new AbortController();
        const iterator = log.subscribe(topic, {
          from: "earliest",
          signal: abort.signal,
          ...(group === undefined ? {} : { group }),
        })[Symbol.asyncIterator]();
        await within("the first batch", iterator.next());
        const waiting = iterator.next();
        abort.abort();
        assert.equal((await within("ending", waiting)).done, true);
      }
    },
  },
  {
    id: "K2",
    name: "a subscription aborted before it begins ends at once",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("abort-early");
      await publishAll(log, topic, [inOnePartition("v")]);
      const signal = AbortSignal.abort();
      const iterator = log.subscribe(topic, { from: "earliest", signal })[Symbol.asyncIterator]();
      assert.equal((await within("ending", iterator.next())).done, true);
    },
  },
  {
    id: "K3",
    name: "subscribing to an unknown topic fails with unknown_topic and does not make it",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("unknown");
      for (const _ of ["first", "second"]) {
        const reader = openReader(log, topic, { from: "earliest" });
        await rejectsWith("unknown_topic", reader.ready());
        await rejectsWith("unknown_topic", reader.next());
      }
      const grouped = openReader(log, topic, { group: place.group("unknown") });
      await rejectsWith("unknown_topic", grouped.next());
    },
  },
  {
    id: "K3",
    name: "publishing to an unknown topic fails with unknown_topic where topics are not made",
    async run({ open, place }) {
      const log = await open({ topicPolicy: "never" });
      const topic = place.topic("not-made");
      await rejectsWith("unknown_topic", log.publish(topic, inOnePartition("v")));
      await rejectsWith("unknown_topic", log.subscribe(topic).ready);
    },
  },
  {
    id: "K4",
    name: "a record that is too large is refused with its size and the limit; its neighbours go",
    async run({ open, place }) {
      const log = await open({ maxRecordBytes: 2000 });
      const topic = place.topic("too-large");
      const values = series("v", 20);
      const small = values.map((value) => log.publish(topic, inOnePartition(value)));
      const large = log.publish(topic, { key: "k", value: new Uint8Array(3000) });
      const after = log.publish(topic, inOnePartition("after"));
      const error = await rejectsWith("too_large", large);
      assert.match(error.message, /3,?001/);
      assert.match(error.message, /2,?000/);
      await within("the neighbours", Promise.all([...small, after]));
      assertRecords(valuesOf(await readToEnd(log, topic)), [...values, "after"]);
    },
  },
  {
    id: "K4",
    name: "many records near the size limit, published at once, all arrive",
    async run({ open, place, guarantees }) {
      const log = await open();
      const topic = place.topic("all-large");
      const size = Math.floor(guarantees.maxRecordBytes * 0.9);
      const value = new Uint8Array(size).fill(7);
      await publishAll(log, topic, series("k", 6).map((key) => ({ key, value })));
      const read = await readToEnd(log, topic);
      assert.deepEqual(read.map((record) => record.value?.length), Array(6).fill(size));
      await publishAll(log, topic, [{ key: "k0", value: bytes("small") }]);
    },
  },
];
