/** Laws on positions. */
import assert from "node:assert/strict";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import type { LogPlace } from "../event_log_harness.ts";
import { inOnePartition, type Law, publishAll, rejectsWith, series } from "../law.ts";
import { openReader, type Reader } from "../reader.ts";

/**
 * G3, G4: a group goes on behind what it has committed, and no commit passes what nobody handled.
 */
export const commitLaws: readonly Law[] = [
  {
    id: "G3",
    name: "a group continues after its commit",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "resume", 20, 8);
      await first.takes(series("v", 8), (batch) => batch.commit());
      await first.leave();
      await again(log, series("v", 20).slice(8));
    },
  },
  {
    id: "G3",
    name: "a commit is there after closing and opening again",
    outside: (g) => g.survivesRestart ? undefined : "commits do not survive the process",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "durable-commit", 20, 8);
      await first.takes(series("v", 8), (batch) => batch.commit());
      await first.leave();
      await log[Symbol.asyncDispose]();
      await again(await open(), series("v", 20).slice(8));
    },
  },
  {
    id: "G3",
    name: "a commit is there after closing under the member and opening again",
    outside: (g) => g.survivesRestart ? undefined : "commits do not survive the process",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "closed-member", 12, 4);
      const batches = [await nextOf(first), await nextOf(first)];
      await batches[0]!.commit();
      await batches[1]!.commit();
      await log[Symbol.asyncDispose]();
      await again(await open(), series("v", 12).slice(8));
    },
  },
  {
    id: "G3",
    name: "commit(through) in the middle of a batch continues at the next record",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "through", 10);
      await first.takes(series("v", 10), ({ commit, records }) => commit(records[2]!.offset));
      await first.leave();
      await again(log, series("v", 10).slice(3));
    },
  },
  {
    id: "G3",
    name: "committing again, or less far than before, changes nothing",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "not-back", 10);
      await first.takes(series("v", 10), async ({ commit, records }) => {
        await commit(records[5]!.offset);
        await commit(records[5]!.offset);
        await commit(records[1]!.offset);
      });
      await first.leave();
      await again(log, series("v", 10).slice(6));
    },
  },
  {
    id: "G3",
    name: "what was handed out and not committed is handed out again",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "not-committed", 6, 2);
      await first.takes(series("v", 6));
      await first.leave();
      await again(log, series("v", 6));
    },
  },
  {
    id: "G3",
    name: "commit() refuses an offset that is not of its batch",
    async run({ open, place }) {
      const log = await open();
      const [reader] = await groupOf(log, place, "foreign-offset", 4, 2);
      const [one, two] = [await nextOf(reader), await nextOf(reader)];
      await rejectsWith("invalid_record", one.commit(one.records.at(-1)!.offset + 1n));
      await rejectsWith("invalid_record", two.commit(two.records[0]!.offset - 1n));
      await reader.leave();
    },
  },
  {
    id: "G4",
    name: "a commit does not pass a batch that nobody has handled",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "unhandled", 9, 3);
      const batches = await threeBatches(first);
      await batches[0].commit();
      await batches[2].commit();
      await first.leave();
      await again(log, series("v", 9).slice(3));
    },
  },
  {
    id: "G4",
    name: "a commit does not pass the rest of a batch that is committed in part",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "in-part", 9, 3);
      const batches = await threeBatches(first);
      await batches[0].commit(batches[0].records[1]!.offset);
      await batches[1].commit();
      await batches[2].commit();
      await first.leave();
      await again(log, series("v", 9).slice(2));
    },
  },
  {
    id: "G4",
    name: "batches committed out of order take effect in order",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "out-of-order", 12, 3);
      const batches = await threeBatches(first);
      await batches[2].commit();
      await batches[1].commit();
      await batches[0].commit();
      await first.leave();
      await again(log, series("v", 12).slice(9));
    },
  },
  {
    id: "G4",
    name: "commits that are under way at the same time all take effect",
    async run({ open, place }) {
      const log = await open();
      const [first, again] = await groupOf(log, place, "at-once", 12, 3);
      const batches = await threeBatches(first);
      await Promise.all([2, 0, 1].map((n) => batches[n]!.commit()));
      await first.leave();
      await again(log, series("v", 12).slice(9));
    },
  },
];

/** A topic with `count` records, the first member of a group, and what the next member must get. */
async function groupOf(
  log: EventLog,
  place: LogPlace,
  stem: string,
  count: number,
  maxRecords = 500,
) {
  const [topic, group] = [place.topic(stem), place.group(stem)];
  await publishAll(log, topic, series("v", count).map(inOnePartition));
  const first = openReader(log, topic, { group, from: "earliest", maxRecords });
  const again = async (opened: EventLog, wanted: readonly string[]): Promise<void> => {
    const second = openReader(opened, topic, { group, from: "earliest", until: "end" });
    await second.takes(wanted);
    await second.ends();
    await second.leave();
  };
  return [first, again] as const;
}

async function nextOf(reader: Reader): Promise<RecordBatch> {
  const batch = await reader.next();
  assert.ok(batch, "missing: a batch; the subscription ended before");
  return batch;
}

async function threeBatches(
  reader: Reader,
): Promise<readonly [RecordBatch, RecordBatch, RecordBatch]> {
  const [one, two, three] = [await nextOf(reader), await nextOf(reader), await nextOf(reader)];
  assert.deepEqual([one, two, three].map((batch) => batch.records.length), [3, 3, 3]);
  return [one, two, three];
}
