/** Laws on order. */
import assert from "node:assert/strict";
import { assertRecords } from "../assert_records.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  rejectsWith,
  series,
  text,
  valuesOf,
  within,
} from "../law.ts";
import { readToEnd } from "../reader.ts";

/**
 * P6, P7: the order of calls is the order of records, per key or of the whole topic, as declared.
 */
export const orderLaws: readonly Law[] = [
  {
    id: "P6",
    name: "records of a key keep the order of calls, with 16 keys at once",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("order");
      const records = series("", 1600).map((value, n) => ({
        key: `key-${n % 16}`,
        value: bytes(value),
      }));
      await publishAll(log, topic, records);
      const read = Map.groupBy(await readToEnd(log, topic), ({ key }) => text(key));
      for (const [key, sent] of Map.groupBy(records, (record) => record.key)) {
        assertRecords(valuesOf(read.get(key) ?? []), valuesOf(sent));
      }
      assert.equal(read.size, 16);
    },
  },
  {
    id: "P6",
    name: "a large record is not overtaken by small ones of its key",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("order-sizes");
      const values = series("v", 40);
      const padding = bytes("x".repeat(100_000));
      await publishAll(
        log,
        topic,
        values.map((value, n) => ({
          key: "k",
          value: bytes(value),
          headers: n % 8 === 3 ? [["padding", padding]] : [],
        })),
      );
      assertRecords(valuesOf(await readToEnd(log, topic)), values);
    },
  },
  {
    id: "P6",
    name: "all records of a topic keep the order of calls, whatever their keys",
    outside: (g) => g.order === "topic" ? undefined : "order is kept per key",
    async run({ openSeveral, place }) {
      const logs = await openSeveral(2);
      const topic = place.topic("one-order");
      const keyed = (value: string, n: number) => ({
        ...(n % 3 === 0 ? {} : { key: `key-${n}` }),
        value: bytes(value),
      });
      const values = series("v", 300);
      await publishAll(logs[0]!, topic, values.map(keyed));
      const turns = series("turn-", 20);
      for (const [n, value] of turns.entries()) {
        await publishAll(logs[n % 2]!, topic, [keyed(value, n)]);
      }
      assertRecords(valuesOf(await readToEnd(logs[0]!, topic)), [...values, ...turns]);
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
      assertRecords(valuesOf(await readToEnd(await open(), topic)), values);
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
      assertRecords(valuesOf(await readToEnd(log, topic)), values);
    },
  },
];
