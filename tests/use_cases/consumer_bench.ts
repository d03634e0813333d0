/** A consumer of trends on a log in memory, for tests. */
import assert from "node:assert/strict";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import { consumeEvents, consumerGroup } from "../../src/use_cases/consume_events.ts";
import type { GatherBounds } from "../../src/use_cases/gather_pace.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createRecordingModel } from "./recording_model.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

const encoder = new TextEncoder();
/** What every search has found. */
export const book = {
  id: 7,
  title: "Dune",
  author: "Frank Herbert",
  published_at: "1965",
  description: "",
  created_at: "2026-01-02 03:04:05",
};

/** A bench with one consumer on a log in memory, whose records all are from the clock's time. */
export function openBench(
  more: { batchRecords?: number; gather?: GatherBounds; log?: (log: EventLog) => EventLog } = {},
) {
  const clock = createFakeClock();
  const memory = openMemoryLog({ clock, topics: ["t", "t.dlq"] });
  const log = more.log?.(memory) ?? memory;
  const model = createRecordingModel();
  const telemetry = createRecordingTelemetry();
  let sequence = 0;
  const start = (from = log) =>
    consumeEvents({
      name: "trends",
      log: from,
      topic: "t",
      model,
      clock,
      telemetry,
      random: () => 0,
      dedupeHours: 72,
      batchRecords: more.batchRecords ?? 4,
      ...(more.gather && { gather: more.gather }),
    });
  return {
    clock,
    memory,
    model,
    telemetry,
    start,
    async search(...queries: readonly string[]): Promise<void> {
      for (const query of queries) {
        const id = `017f22e2-79b0-7cc3-98c4-${String(++sequence).padStart(12, "0")}`;
        const json = encoder.encode(JSON.stringify([book]));
        const searchedAt = clock.now();
        await memory.publish(
          "t",
          encodeBooksSearched({ id, query, page: 1, json, count: 1, searchedAt }),
        );
      }
    },
    async publish(...records: readonly EventRecord[]): Promise<void> {
      for (const record of records) await memory.publish("t", record);
    },
    /**
     * Moves the clock by little steps, with real turns of the event loop, as hashing takes some.
     */
    async untilConsumed(...queries: readonly string[]): Promise<void> {
      for (let turns = 0; turns < 200 && model.queries.length < queries.length; turns++) {
        await clock.advance(50);
        await new Promise<void>((resolve) => setTimeout(resolve, 0));
      }
      await clock.advance(5);
      assert.deepEqual(model.queries, queries);
    },
    async deadLetters(): Promise<StoredRecord[]> {
      const letters: StoredRecord[] = [];
      const reading = memory.subscribe("t.dlq", { from: "earliest", until: "end" });
      for await (const { records } of reading) letters.push(...records);
      return letters;
    },
    /** The group's position. */
    async committed(): Promise<bigint | undefined> {
      let place: bigint | undefined;
      const stop = new AbortController();
      const reading = memory.subscribe("t", {
        group: consumerGroup("trends"),
        from: "earliest",
        signal: stop.signal,
        onPlace: (places) => place = places.get(0),
      })[Symbol.asyncIterator]();
      void reading.next();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      stop.abort();
      await reading.return?.();
      return place;
    },
  };
}
