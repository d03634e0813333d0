/** Laws on what an adapter declares. */
import assert from "node:assert/strict";
import { assertRecords } from "../assert_records.ts";
import {
  bytes,
  inOnePartition,
  type Law,
  publishAll,
  rejectsWith,
  series,
  valuesOf,
} from "../law.ts";
import { openReader, readToEnd } from "../reader.ts";

/**
 * D1–D4: what an adapter declares and no other law reads: partitions, replay, the largest record,
 * what is left after its end.
 */
export const declaredLaws: readonly Law[] = [
  {
    id: "D1",
    name: "a topic has one partition, whatever the keys",
    outside: (g) => g.partitions === "one" ? undefined : "a topic can have several partitions",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("one-partition-only");
      const keys = series("k", 50);
      const reports = await publishAll(log, topic, [
        ...keys.map((key) => ({ key, value: bytes(key) })),
        ...keys.map((key) => ({ value: bytes(`no-key-${key}`) })),
      ]);
      const partitions = new Set(reports.map(({ partition }) => partition));
      assert.deepEqual([...partitions], [0], "partitions that were reported");
      for (const { partition } of await readToEnd(log, topic)) assert.equal(partition, 0);
    },
  },
  {
    id: "D1",
    name: "a topic has several partitions, and each key has one, also after opening again",
    outside: (g) => g.partitions === "many" ? undefined : "a topic has one partition",
    async run({ open, place, guarantees }) {
      const topic = place.topic("several-partitions");
      const keys = series("k", 50);
      const owners = new Map<string, number>();
      for (const round of [0, 1, 2]) {
        const log = await open();
        const records = keys.map((key) => ({ key, value: bytes(`${round}`) }));
        for (const [n, { partition }] of (await publishAll(log, topic, records)).entries()) {
          const owner = owners.get(keys[n]!) ?? partition;
          assert.equal(partition, owner, `key "${keys[n]}" was of partition ${owner}`);
          owners.set(keys[n]!, owner);
        }
        if (guarantees.survivesRestart) await log[Symbol.asyncDispose]();
        else break;
      }
      const partitions = new Set(owners.values());
      assert.ok(partitions.size > 1, `50 keys went to partitions ${[...partitions]}`);
    },
  },
  {
    id: "D2",
    name: "what a group has committed can be read again: by others, and by nobody's group",
    outside: (g) => g.replay ? undefined : "records are gone once they are committed",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("replay");
      const values = series("v", 20);
      await publishAll(log, topic, values.map(inOnePartition));
      for (const name of ["one", "two"]) {
        const group = place.group(name);
        const reader = openReader(log, topic, { group, from: "earliest", until: "end" });
        await reader.takes(values, (batch) => batch.commit());
        await reader.leave();
        assertRecords(valuesOf(await readToEnd(log, topic)), values);
      }
    },
  },
  {
    id: "D3",
    name: "the largest record that is declared is taken, and one byte more is too large",
    async run({ open, place, guarantees }) {
      const log = await open();
      const topic = place.topic("largest");
      const key = "key";
      const headers = [["header", bytes("value")]] as const;
      const rest = key.length + "header".length + "value".length;
      const most = guarantees.maxRecordBytes;
      const value = new Uint8Array(most - rest).fill(3);
      await publishAll(log, topic, [{ key, value, headers }]);
      assert.equal((await readToEnd(log, topic))[0]?.value?.length, most - rest);
      const more = { key, value: new Uint8Array(most - rest + 1), headers };
      const { message } = await rejectsWith("too_large", log.publish(topic, more));
      for (const size of [most, most + 1]) {
        assert.ok(message.replaceAll(",", "").includes(`${size}`), `"${message}" lacks ${size}`);
      }
      assert.equal((await readToEnd(log, topic)).length, 1);
    },
  },
  {
    id: "D4",
    name: "what is declared of its records' lives does not contradict itself",
    run({ guarantees, place }) {
      const { durable, survivesRestart, processes } = guarantees;
      const inProcess = durable === "process memory";
      const others = processes === "many";
      assert.ok(inProcess !== survivesRestart, `held by ${durable}, survives: ${survivesRestart}`);
      assert.ok(!(inProcess && others), "another process cannot reach this one's memory");
      const isReachable = place.door !== undefined;
      assert.ok(isReachable || !survivesRestart && !others, "the harness has no door for others");
      return Promise.resolve();
    },
  },
  {
    id: "D4",
    name: "what does not survive its process is gone in whole when it is opened again",
    outside: (g) => g.survivesRestart ? "records and positions survive the process" : undefined,
    async run({ open, place }) {
      const [topic, group] = [place.topic("gone"), place.group("gone")];
      const log = await open();
      await publishAll(log, topic, series("old", 10).map(inOnePartition));
      const reader = openReader(log, topic, { group, from: "earliest" });
      await reader.takes(series("old", 10), (batch) => batch.commit());
      await log[Symbol.asyncDispose]();
      const again = await open();
      await rejectsWith("unknown_topic", again.subscribe(topic, { from: "earliest" }).ready);
      await publishAll(again, topic, series("new", 3).map(inOnePartition));
      const second = openReader(again, topic, { group, from: "earliest", until: "end" });
      await second.takes(series("new", 3));
      await second.ends();
    },
  },
];
