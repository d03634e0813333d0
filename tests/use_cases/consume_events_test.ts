/** Consuming: effects once, poison put aside, faults waited for, gaps closed. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventRecord, RecordHeader, StoredRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { committing } from "./committing.ts";
import { endingBehind } from "./ending_behind.ts";
import { book, openBench } from "./consumer_bench.ts";

const uid = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";
const encoder = new TextEncoder();

const text = (record: StoredRecord, name: string): string =>
  new TextDecoder().decode(record.headers.find(([header]) => header === name)?.[1] ?? undefined);

describe("consumeEvents()", () => {
  it("lets events gather at the end of the topic, and never while more is there", async () => {
    const bench = openBench({ batchRecords: 3, gather: { leastMs: 1_000, mostMs: 1_000 } });
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

  it("applies together what was read while a batch was applied", async () => {
    const bench = openBench({ batchRecords: 4 });
    const held = Promise.withResolvers<void>();
    bench.model.before = () => held.promise;
    const consumer = bench.start();
    const queries = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for (const query of queries) {
      await bench.search(query);
      await bench.clock.advance(10);
    }
    held.resolve();
    await bench.untilConsumed(...queries);
    // Those behind the four that wait were read when these were taken.
    assert.deepEqual(bench.model.batches.map(({ events }) => events.length), [1, 4, 3]);
    await consumer.stop(1_000);
    assert.equal(await bench.committed(), 8n);
  });

  it("waits for what the topic has, but not where nothing comes of it", async () => {
    const bench = openBench({ batchRecords: 4, log: (log) => endingBehind(log, 2n) });
    const consumer = bench.start();
    await bench.search("a");
    await bench.clock.advance(19);
    assert.deepEqual(bench.model.queries, []);
    await bench.untilConsumed("a");
    await consumer.stop(1_000);
    assert.equal(bench.clock.timers, 0);
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

  it("G7 puts poison of every kind aside, and the partition goes on", async () => {
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

  it("G6 waits for a store that is away, and loses nothing to the dead letters", async () => {
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

  it("G6 is in trouble as long as the store refuses, and well when it answers, though nothing comes", async () => {
    const bench = openBench();
    const refuse = () => Promise.reject(new StoreError("unavailable", "Table is gone"));
    bench.model.before = refuse;
    await bench.search("a");
    const consumer = bench.start();
    const seen = new Set<string>();
    for (let second = 0; second < 60; second++) {
      await bench.clock.advance(1000);
      seen.add(consumer.health().status);
    }
    assert.deepEqual([...seen], ["degraded"]);
    bench.model.before = () => {};
    await bench.untilConsumed("a");
    const { prune } = bench.model;
    bench.model.prune = refuse;
    await bench.clock.advance(61_000);
    assert.equal(consumer.health().status, "degraded");
    bench.model.prune = prune;
    await bench.clock.advance(10_000);
    assert.equal(consumer.health().status, "ok");
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

  it("G14 reads again what a database restored from an older copy lacks, each event once", async () => {
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

  it("G14 begins anew in a topic that was made again", async () => {
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
