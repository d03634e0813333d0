/** Laws on consumers whose handler fails: the shop's own, on the log that is judged. */
import assert from "node:assert/strict";
import { deadLetterTopic } from "../../../src/domain/topic_name.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import type { ConsumedBatch } from "../../../src/ports/read_model.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { consumeEvents } from "../../../src/use_cases/consume_events.ts";
import { encodeBooksSearched } from "../../../src/wire/encode_books_searched.ts";
import { createRecordingModel, type RecordingModel } from "../../use_cases/recording_model.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";
import { assertRecords } from "../assert_records.ts";
import { bytes, type Law, publishAll, readAll, series, text, within } from "../law.ts";
import { openReader } from "../reader.ts";

const poison = "no JSON";

/** G6: a handler that throws has the same records again, in place, and none is passed. */
export const handlerLaws: readonly Law[] = [
  {
    id: "G6",
    name: "a store that refuses is asked again in place, and what is no search is put aside",
    async run({ open, place }) {
      const log = await open();
      const [topic, group] = [place.topic("handler"), place.group("handler")];
      const wanted = series("v", 12);
      const records = wanted.map(searchFor);
      records.splice(6, 0, { key: "k", value: bytes(poison) });
      await publishAll(log, topic, records);
      const model = createRecordingModel();

      // Always refused: the next consumer has them all.
      const refused = Promise.withResolvers<void>();
      let asked = 0;
      model.before = () => {
        if (++asked === 3) refused.resolve();
        throw new StoreError("unavailable", "Disk is full");
      };
      const first = consumerOn(log, { topic, group, model });
      await within("asking a store that refuses three times", refused.promise);
      await first.stop(100);
      assert.equal(model.batches.length, 0);

      // Each batch is refused once.
      const known = new Set<bigint>();
      model.before = ({ next }) => {
        if (known.has(next)) return;
        known.add(next);
        throw new StoreError("unavailable", "Disk is full");
      };
      const second = consumerOn(log, { topic, group, model });
      await within("applying what was refused", second.hasApplied(wanted.length));
      await second.stop(10_000);
      assertRecords(model.events.map(({ books }) => JSON.parse(books.first(1))[0].title), wanted);
      assert.ok(known.size > 1, "all came in one batch, wanted some");
      for (const { counters } of [first, second]) {
        // In place: in no other pass, with nothing that the group had passed or that came again.
        for (const what of ["restarts", "read_again", "repeated"]) {
          const counted = counters[`shelfcast.consumer.${what}{consumer=trends}`] ?? 0;
          assert.equal(counted, 0, `${what}: ${counted}, wanted none`);
        }
      }
      const letters = await readAll(log, deadLetterTopic(topic));
      assert.deepEqual(letters.map(({ value }) => text(value)), [poison]);
      const behind = openReader(log, topic, { group, until: "end" });
      await behind.ends();
      await behind.leave();
    },
  },
];

/** Found one book, and searched for the same each time, so that all share a partition. */
function searchFor(title: string): EventRecord {
  const [author, published_at, created_at] = ["A", null, "2026-01-02 03:04:05"];
  const book = { id: 1, title, author, published_at, description: "", created_at };
  return encodeBooksSearched({
    id: crypto.randomUUID(),
    query: "k",
    page: 1,
    json: new TextEncoder().encode(JSON.stringify([book])),
    count: 1,
    searchedAt: Date.now(),
  });
}

function consumerOn(
  log: EventLog,
  { topic, group, model }: {
    readonly topic: string;
    readonly group: string;
    readonly model: RecordingModel;
  },
) {
  const { counters, ...telemetry } = createRecordingTelemetry();
  const applied = Promise.withResolvers<void>();
  let wanted = Infinity;
  const consumer = consumeEvents({
    ...{ name: "trends", group, log, topic, telemetry },
    model: {
      ...model,
      async apply(batch: ConsumedBatch) {
        const outcome = await model.apply(batch);
        if (model.events.length >= wanted) applied.resolve();
        return outcome;
      },
    },
    clock: systemClock,
    random: Math.random,
    dedupeHours: 72,
    batchRecords: 4,
  });
  return {
    counters,
    stop: consumer.stop,
    hasApplied(events: number): Promise<void> {
      wanted = events;
      return applied.promise;
    },
  };
}
