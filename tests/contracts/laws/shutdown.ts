/** Laws on closing. */
import assert from "node:assert/strict";
import { QueueError } from "../../../src/ports/queue_error.ts";
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
import { openReader, type Reader, readToEnd } from "../reader.ts";

/** S1, S3, S4: closing. */
export const shutdownLaws: readonly Law[] = [
  {
    id: "S1",
    name: "closing right after publish() loses nothing that was accepted",
    outside: (g) => g.survivesRestart ? undefined : "records do not survive the process",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("close");
      const sent = series("v", 500).map((value) => log.publish(topic, inOnePartition(value)));
      const outcomes = Promise.allSettled(sent);
      await within("closing", log[Symbol.asyncDispose]());
      const accepted = (await outcomes).filter(({ status }) => status === "fulfilled").length;
      assert.equal(accepted, 500, "closing waits for what it holds");
      assertRecords(valuesOf(await readToEnd(await open(), topic)), series("v", 500));
    },
  },
  {
    id: "S1",
    name: "closing under open subscriptions loses nothing that was accepted",
    outside: (g) => g.survivesRestart ? undefined : "records do not survive the process",
    async run({ open, place }) {
      const [topic, group] = [place.topic("close-read"), place.group("close-read")];
      const log = await open();
      await publishAll(log, topic, [inOnePartition("v0")]);
      const readers = [{}, { group }].map((more) =>
        openReader(log, topic, { from: "earliest", ...more })
      );
      for (const reader of readers) await reader.takes(["v0"]);
      const ending = readers.map((reader) => rejectsWith("closed", readOn(reader)));
      const values = series("v", 100);
      const sent = values.slice(1).map((value) => log.publish(topic, inOnePartition(value)));
      const outcomes = Promise.all(sent);
      await within("closing", log[Symbol.asyncDispose]());
      await within("the reports", outcomes);
      await Promise.all(ending);
      assertRecords(valuesOf(await readToEnd(await open(), topic)), values);
    },
  },
  {
    id: "S3",
    name: "closing twice is closing once",
    async run({ open, place }) {
      const log = await open();
      await publishAll(log, place.topic("twice"), [inOnePartition("v")]);
      await within(
        "closing",
        Promise.all([log[Symbol.asyncDispose](), log[Symbol.asyncDispose]()]),
      );
      await within("closing again", log[Symbol.asyncDispose]());
    },
  },
  {
    id: "S3",
    name: "after closing, publish() and subscribe() fail with closed",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("closed");
      await publishAll(log, topic, [inOnePartition("v")]);
      await log[Symbol.asyncDispose]();
      await rejectsWith("closed", log.publish(topic, inOnePartition("late")));
      const subscription = log.subscribe(topic, { from: "earliest" });
      await rejectsWith("closed", subscription.ready);
      await rejectsWith("closed", subscription[Symbol.asyncIterator]().next());
    },
  },
  {
    id: "S3",
    name: "after closing, a commit is refused, with closed or revoked",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("closed-commit"), place.group("closed-commit")];
      await publishAll(log, topic, series("v", 3).map(inOnePartition));
      const reader = openReader(log, topic, { group, from: "earliest" });
      const batch = await reader.next();
      assert.ok(batch, "missing: the first batch");
      await log[Symbol.asyncDispose]();
      const [outcome] = await Promise.allSettled([batch.commit()]);
      assert.ok(outcome?.status === "rejected", "a commit was taken after closing");
      const error: unknown = outcome.reason;
      const isTold = error instanceof QueueError && ["closed", "revoked"].includes(error.code);
      assert.ok(isTold, `rejected with ${error}, wanted a "closed" or "revoked" error`);
    },
  },
  {
    id: "S4",
    name: "closing works while reports are awaited: every promise settles",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("blocked");
      const sent = series("v", 200).map((value, n) =>
        log.publish(topic, { key: `${n}`, value: bytes(value) })
      );
      await within("closing", log[Symbol.asyncDispose]());
      await within("settling", Promise.allSettled(sent));
    },
  },
  {
    id: "S4",
    name: "closing works while a subscription is not read",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("unread");
      await publishAll(log, topic, series("v", 50).map(inOnePartition));
      const group = place.group("unread");
      const grouped = log.subscribe(topic, { group, from: "earliest", maxRecords: 5 });
      const plain = log.subscribe(topic, { from: "earliest", maxRecords: 5 });
      await within("becoming ready", Promise.all([grouped.ready, plain.ready]));
      await within("closing", log[Symbol.asyncDispose]());
    },
  },
  {
    id: "S4",
    name: "a subscription that waits ends with closed when its log is closed",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("closed-under");
      await publishAll(log, topic, [inOnePartition("v")]);
      const waiting = openReader(log, topic, { from: "latest" });
      await waiting.ready();
      const next = rejectsWith("closed", waiting.next());
      await within("closing", log[Symbol.asyncDispose]());
      await next;
    },
  },
];

async function readOn(reader: Reader): Promise<void> {
  while (await reader.next() !== undefined);
}
