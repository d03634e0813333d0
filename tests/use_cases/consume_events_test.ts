/** Consuming: effects once, poison put aside, faults waited for, gaps closed. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord, RecordHeader, StoredRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import { consumeEvents, consumerGroup } from "../../src/use_cases/consume_events.ts";
import { createFakeClock } from "../fake_clock.ts";
import { committing } from "./committing.ts";
import { createRecordingModel } from "./recording_model.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

const uid = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";
const encoder = new TextEncoder();
const book = {
  id: 7,
  title: "Dune",
  author: "Frank Herbert",
  published_at: "1965",
  description: "",
  created_at: "2026-01-02 03:04:05",
};

/** A bench with one consumer on a log in memory, whose records all are from the clock's time. */
function openBench(
  more: { batchRecords?: number; gatherMs?: number; log?: (log: EventLog) => EventLog } = {},
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
      gatherMs: more.gatherMs ?? 0,
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

const text = (record: StoredRecord, name: string): string =>
  new TextDecoder().decode(record.headers.find(([header]) => header === name)?.[1] ?? undefined);

describe("consumeEvents()", () => {
  it("lets events gather behind a batch that was not full, and waits behind no full one", async () => {
    const bench = openBench({ batchRecords: 3, gatherMs: 1_000 });
    const consumer = bench.start();
    await bench.search("a");
    await bench.untilConsumed("a");
    for (const query of ["b", "c", "d", "e"]) {
      await bench.search(query);
      await bench.clock.advance(10);
    }
    assert.deepEqual(bench.model.queries, ["a"]);
    await bench.untilConsumed("a", "b", "c", "d", "e");
    assert.deepEqual(bench.model.batches.map(({ events }) => events.length), [1, 3, 1]);
    await consumer.stop(1_000);
  });

  it("applies what is there and what comes, and commits what was applied", async () => {
    const bench = openBench();
    await bench.search("a", "b", "c", "d", "e");
    const consumer = bench.start();
    await bench.clock.advance(10);
    await bench.search("f");
    await bench.untilConsumed("a", "b", "c", "d", "e", "f");
    assert.equal(bench.telemetry.counters["shelfcast.consumer.applied{consumer=trends}"], 6);
    assert.equal(bench.telemetry.gauges["shelfcast.consumer.lag_records{consumer=trends}"], 0);
    assert.deepEqual(consumer.health(), { status: "ok" });
    await consumer.stop(1000);
    assert.equal(await bench.committed(), 6n);
    assert.equal(bench.clock.timers, 0);
  });

  it("commits nothing before it is applied", async () => {
    let committed = 0;
    const bench = openBench({
      log: (log) =>
        committing(log, (batch, ...through) => {
          committed++;
          return batch.commit(...through);
        }),
    });
    const held = Promise.withResolvers<void>();
    bench.model.before = () => held.promise;
    await bench.search("a");
    const consumer = bench.start();
    await bench.clock.advance(1000);
    assert.equal(committed, 0);
    held.resolve();
    await bench.clock.advance(1000);
    assert.equal(committed, 1);
    await consumer.stop(1000);
  });

  it("has no effect twice where a commit is lost", async () => {
    const bench = openBench({
      log: (log) => committing(log, () => Promise.reject(new QueueError("closed", "Lost"))),
    });
    await bench.search("a", "b");
    const first = bench.start();
    await bench.clock.advance(50);
    await first.stop(1000);
    const second = bench.start(bench.memory);
    await bench.untilConsumed("a", "b");
    assert.ok((bench.telemetry.counters["shelfcast.consumer.repeated{consumer=trends}"] ?? 0) >= 2);
    await second.stop(1000);
    assert.equal(await bench.committed(), 2n);
  });

  it("puts poison of every kind aside, and the partition goes on", async () => {
    const bench = openBench({ batchRecords: 3 });
    const value = encoder.encode(JSON.stringify([book]));
    const type = (name: string): RecordHeader[] => [["ce_type", encoder.encode(name)]];
    const poison: EventRecord[] = [
      { key: "dune", value: encoder.encode("[{") },
      { key: "dune", value: encoder.encode("{}") },
      { key: "dune", value: encoder.encode('[{"id":"7"}]') },
      { key: "dune", value: new Uint8Array(0) },
      { key: "dune", value: null },
      { key: "dune", value: new Uint8Array(990_000).fill(0x61) },
      { key: "dune", value, headers: type("shelfcast.other.v1") },
      { key: "dune", value, headers: [["ce_type", null], ["ce_type", new Uint8Array([0xff])]] },
      { key: new Uint8Array([0xff, 0xfe]), value },
      { key: "", value },
      { value },
      { key: "x".repeat(1025), value },
      { key: ` :${uid}`, value },
    ];
    const good = poison.splice(7, 1);
    for (const record of poison) {
      await bench.publish(record);
      await bench.search("good");
    }
    await bench.publish(...good);
    const consumer = bench.start();
    await bench.untilConsumed(...poison.map(() => "good"), "dune");
    const letters = await bench.deadLetters();
    assert.deepEqual(letters.map(({ key, value }) => [key, value]), [
      ...poison.map(({ key, value }) => [
        key === undefined ? null : typeof key === "string" ? encoder.encode(key) : key,
        value,
      ]),
    ]);
    assert.equal(text(letters[0]!, "dlq-consumer-group"), "shelfcast-trends");
    assert.equal(text(letters[0]!, "dlq-reason"), "unreadable");
    assert.equal(text(letters[1]!, "dlq-original-offset"), "2");
    await consumer.stop(1000);
    assert.equal(await bench.committed(), BigInt(2 * poison.length + 1));
  });

  it("reads the keys of services that know key and value only", async () => {
    const bench = openBench();
    const value = encoder.encode(JSON.stringify([book]));
    await bench.publish(
      { key: " DUNE ", value },
      { key: `Dune:${uid.toUpperCase()}`, value },
      { key: "dune:", value },
      { key: "dune", value },
    );
    const consumer = bench.start();
    await bench.untilConsumed("dune", "dune", "dune", "dune");
    const { events } = bench.model;
    assert.deepEqual(events.map(({ shownQuery }) => shownQuery), ["DUNE", "Dune", "dune", "dune"]);
    assert.deepEqual(events.map(({ visitorId }) => visitorId), [
      undefined,
      uid,
      undefined,
      undefined,
    ]);
    assert.equal(new Set(events.map(({ key }) => key.toHex())).size, 4);
    assert.deepEqual(await bench.deadLetters(), []);
    await consumer.stop(1000);
  });

  it("passes over what comes again for another group", async () => {
    const bench = openBench();
    const value = encoder.encode("[]");
    const forGroup = (group: string): EventRecord => ({
      key: group,
      value,
      headers: [["dlq-redrive-group", encoder.encode(group)]],
    });
    await bench.publish(forGroup("shelfcast-interests"), forGroup("shelfcast-trends"));
    const consumer = bench.start();
    await bench.untilConsumed("shelfcast-trends");
    await consumer.stop(1000);
  });

  it("waits for a store that is away, and loses nothing to the dead letters", async () => {
    const bench = openBench();
    bench.model.before = () => Promise.reject(new StoreError("unavailable", "Disk is full"));
    await bench.search("a", "b", "c", "d", "e");
    const consumer = bench.start();
    await bench.clock.advance(60_000);
    const health = consumer.health();
    assert.ok(health.status === "degraded" && health.detail.includes("Disk is full"));
    assert.ok(
      bench.telemetry.counters["shelfcast.consumer.faults{consumer=trends,kind=unavailable}"]! > 5,
    );
    bench.model.before = () => {};
    await bench.untilConsumed("a", "b", "c", "d", "e");
    assert.deepEqual(consumer.health(), { status: "ok" });
    assert.deepEqual(await bench.deadLetters(), []);
    await consumer.stop(1000);
  });

  it("gives a batch up that never settles, so that others can do its work", async () => {
    const bench = openBench();
    await bench.search("a");
    bench.model.before = () => new Promise(() => {});
    const stuck = bench.start();
    const other = bench.start();
    await bench.clock.advance(59_000);
    bench.model.before = () => {};
    assert.deepEqual(bench.model.queries, []);
    await bench.untilConsumed("a");
    await Promise.all([stuck.stop(1000), other.stop(1000), bench.clock.advance(1000)]);
  });

  it("opens the topic anew when reading ends, with pauses that grow", async () => {
    let opened = 0;
    let isAway = true;
    const bench = openBench({
      log: (log) => ({
        ...log,
        subscribe(topic, options) {
          opened++;
          return log.subscribe(isAway ? "missing" : topic, options);
        },
      }),
    });
    await bench.search("a");
    const consumer = bench.start();
    await bench.clock.advance(60_000);
    assert.ok(opened > 10 && opened < 40, `opened ${opened} times`);
    const health = consumer.health();
    assert.ok(health.status === "degraded" && health.reason === "unknown_topic");
    isAway = false;
    await bench.untilConsumed("a");
    assert.deepEqual(consumer.health(), { status: "ok" });
    await consumer.stop(1000);
  });

  it("reads again what a database restored from an older copy lacks, each event once", async () => {
    const bench = openBench();
    await bench.search("a", "b");
    const first = bench.start();
    await bench.clock.advance(10);
    const restore = bench.model.copy();
    await bench.search("c", "d", "e", "f", "g");
    await bench.clock.advance(10);
    await first.stop(1000);
    restore();
    assert.deepEqual(bench.model.queries, ["a", "b"]);
    const second = bench.start();
    await bench.untilConsumed("a", "b", "c", "d", "e", "f", "g");
    assert.equal(bench.telemetry.counters["shelfcast.consumer.read_again{consumer=trends}"], 5);
    await bench.search("h");
    await bench.clock.advance(10);
    assert.equal(bench.model.queries.at(-1), "h");
    await second.stop(1000);
  });

  it("notices while it runs that its read model was emptied, and fills it again", async () => {
    const bench = openBench();
    await bench.search("a", "b", "c", "d", "e");
    const consumer = bench.start();
    await bench.clock.advance(10);
    await bench.model.clear();
    await bench.search("f");
    await bench.untilConsumed("a", "b", "c", "d", "e", "f");
    await bench.model.clear();
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.model.queries, ["a", "b", "c", "d", "e", "f"], "without a new event");
    await consumer.stop(1000);
  });

  it("begins anew in a topic that was made again", async () => {
    const bench = openBench();
    await bench.search("a", "b", "c");
    const first = bench.start();
    await bench.clock.advance(10);
    await first.stop(1000);
    const other = openMemoryLog({ clock: bench.clock, topics: ["t", "t.dlq"] });
    await bench.clock.advance(5);
    await other.publish("t", { key: "x", value: encoder.encode("[]") });
    const second = bench.start(other);
    await bench.untilConsumed("a", "b", "c", "x");
    assert.deepEqual((await bench.model.positions()).map(({ position }) => position), [1n]);
    await second.stop(1000);
  });

  it("forgets keys only when nothing so old comes for the first time any more", async () => {
    const bench = openBench();
    await bench.search("a");
    const consumer = bench.start();
    await bench.clock.advance(59_000);
    await bench.search("b");
    await bench.clock.advance(10);
    assert.equal(bench.model.horizon, -Infinity);
    await bench.clock.advance(1000);
    await bench.search("c");
    await bench.clock.advance(10);
    assert.equal(bench.model.horizon, Math.floor(bench.clock.now() / 3_600_000) - 72);
    await consumer.stop(1000);
  });
});
