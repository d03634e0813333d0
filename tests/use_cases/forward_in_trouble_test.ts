/** Forwarding to a target that refuses, stalls or forgets (G8). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventQueue } from "../../src/ports/event_queue.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { committing } from "./committing.ts";
import { event, openForwarder, publish, stop, text, values } from "./forwarder_bench.ts";

/** Where a key goes among two partitions. */
const partitionOf = (key: string): number => key.charCodeAt(0) % 2;

describe("forwardEvents in trouble", () => {
  it("counts and commits a poisoned record only when its dead letter is durable, and writes it until it is", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts, telemetry } = bench;
    await stop(bench);
    let isFull = true;
    const stored = Promise.withResolvers<void>();
    const forwarder = bench.start(target, receipts, {
      ...bench.buffer,
      async publish(topic, record) {
        if (isFull) throw new QueueError("full", "No room");
        await stored.promise;
        return await bench.buffer.publish(topic, record);
      },
    });
    const isCounted = (): boolean => JSON.stringify(telemetry.counters).includes("dead_lettered");
    await publish(bench, event("a", 1), event("a", 2));
    await clock.advance(10);
    target.refuse(0, "too_large");
    target.deliver(0);
    await clock.advance(4000);
    assert.match(JSON.stringify(forwarder.health()), /"degraded","reason":"full"/);
    assert.deepEqual([bench.outcomes, isCounted()], [[], false]);
    isFull = false;
    await clock.advance(5000);
    assert.deepEqual([bench.outcomes, isCounted()], [[], false]);
    stored.resolve();
    await clock.advance(10);
    assert.deepEqual([bench.outcomes, isCounted()], [[{ deadLettered: [0n] }], true]);
    assert.deepEqual((await bench.deadLetters()).map(({ value }) => text(value)), ["a1"]);
    await stop(bench, 10, forwarder);
  });

  it("stopped before a dead letter is durable, it leaves the record to the next", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    await stop(bench);
    const forwarder = bench.start(target, receipts, {
      ...bench.buffer,
      publish: () => Promise.reject(new QueueError("full", "No room")),
    });
    await publish(bench, event("a", 1), event("a", 2));
    await clock.advance(10);
    target.refuse(0, "too_large");
    target.deliver(0);
    await clock.advance(10);
    await stop(bench, 1000, forwarder);
    assert.deepEqual(await bench.uncommitted(), ["a1", "a2"]);
  });

  it("a dead letter is written once and told with the commit, also where another pass commits it", async () => {
    await using bench = openForwarder(2);
    const { target, clock } = bench;
    await publish(bench, event("a", 1), event("b", 2));
    await clock.advance(10);
    target.refuse(partitionOf("b"), "too_large");
    await clock.advance(10);
    target.giveUp(partitionOf("a"), "unavailable");
    await clock.advance(10_000);
    target.deliver(partitionOf("a"));
    await clock.advance(10);
    assert.deepEqual(bench.outcomes.flatMap(({ deadLettered = [] }) => deadLettered), [1n]);
    assert.equal((await bench.deadLetters()).length, 1);
  });

  it("what has the offset, or the id, of a record that was reported is not taken for it", async () => {
    await using bench = openForwarder(2);
    const { target, clock, receipts } = bench;
    await stop(bench);
    let current = bench.buffer;
    const forwarder = bench.start(target, receipts, {
      ...bench.buffer,
      subscribe: (...wanted) => current.subscribe(...wanted),
    });
    const sameId = { ...event("b", 2), value: new TextEncoder().encode("b3") };
    await publish(bench, event("a", 1), event("b", 2), sameId);
    await clock.advance(10);
    const [a, b] = [partitionOf("a"), partitionOf("b")];
    target.deliver(b, 1);
    for (const partition of [a, b]) target.giveUp(partition, "unavailable");
    await clock.advance(10_000);
    assert.deepEqual(
      target.held.map(({ length }) => length),
      [1, 1],
      "b2 is not sent again, b3 is",
    );

    // The buffer's folder is deleted and made again.
    await using another = openMemoryLog({ clock, topics: ["t"] });
    current = another;
    for (const n of [4, 5, 6]) await another.publish("t", event("b", n));
    for (const partition of [a, b]) target.giveUp(partition, "unavailable");
    await clock.advance(10_000);
    for (const partition of [a, b]) target.deliver(partition);
    await clock.advance(10);
    assert.deepEqual(values(target.arrived[b]), ["b2", "b4", "b5", "b6"]);
    await stop(bench, 10, forwarder);
  });

  it("a record that is larger than the window goes alone", async () => {
    await using bench = openForwarder(1, { windowBytes: 1000 });
    const { target, clock } = bench;
    await publish(bench, event("a", 1), { key: "a", value: new Uint8Array(5000) }, event("a", 2));
    for (let n = 0; n < 3; n++) {
      await clock.advance(10);
      target.deliver(0);
    }
    await clock.advance(10);
    assert.equal(target.arrived[0]?.length, 3);
  });

  it("repeats a commit that fails, and says so; nothing is published again", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    await stop(bench);
    let failures = 0;
    const buffer = committing(bench.buffer, (batch, ...through) => {
      if (failures === 3) return batch.commit(...through);
      failures += 1;
      return Promise.reject(new QueueError("full", "No room"));
    });
    const forwarder = bench.start(target, receipts, buffer);
    await publish(bench, event("a", 1));
    await clock.advance(10);
    target.deliver(0);
    await clock.advance(10);
    assert.match(JSON.stringify(forwarder.health()), /"degraded","reason":"full"/);
    await clock.advance(5000);
    await stop(bench, 10, forwarder);
    assert.deepEqual([failures, await bench.uncommitted()], [3, []]);
    assert.deepEqual(values(target.arrived[0]), ["a1"]);
    assert.equal(target.most.records, 1);
  });

  it("begins again from the commit where the group has been taken from it", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    await stop(bench);
    let lost: RecordBatch | undefined;
    const buffer = committing(bench.buffer, (batch, ...through) => {
      lost ??= batch;
      if (batch !== lost) return batch.commit(...through);
      return Promise.reject(new QueueError("revoked", "Member has left"));
    });
    const forwarder = bench.start(target, receipts, buffer);
    await publish(bench, event("a", 1));
    await clock.advance(10);
    target.deliver(0);
    await clock.advance(10_000);
    await stop(bench, 10, forwarder);
    assert.deepEqual(await bench.uncommitted(), []);
  });

  it("stop() waits for a commit that is under way", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    await stop(bench);
    const stored = Promise.withResolvers<void>();
    const buffer = committing(bench.buffer, async (batch, ...through) => {
      await stored.promise;
      await batch.commit(...through);
    });
    const forwarder = bench.start(target, receipts, buffer);
    await publish(bench, event("a", 1));
    await clock.advance(10);
    target.deliver(0);
    await clock.advance(10);
    let isStopped = false;
    const stopped = forwarder.stop(1000).then(() => isStopped = true);
    await clock.advance(500);
    assert.equal(isStopped, false);
    stored.resolve();
    await clock.advance(0);
    await stopped;
    assert.deepEqual(await bench.uncommitted(), []);
  });

  it("survives errors that the ports forbid", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    await stop(bench);
    let failures = 0;
    const forwarder = bench.start(target, receipts, {
      ...bench.buffer,
      subscribe(...wanted) {
        failures += 1;
        if (failures < 3) throw new TypeError("Oops");
        return bench.buffer.subscribe(...wanted);
      },
    });
    await publish(bench, event("a", 1));
    await clock.advance(1);
    assert.match(JSON.stringify(forwarder.health()), /"degraded","reason":"outcome_unknown"/);
    await clock.advance(1000);
    target.deliver(0);
    await clock.advance(10);
    assert.deepEqual(values(target.arrived[0]), ["a1"]);
    await stop(bench, 10, forwarder);
  });

  it("asks less and less often while all is refused, but every five seconds", async () => {
    await using bench = openForwarder();
    const { clock } = bench;
    await stop(bench);
    let asked = 0;
    let isAway = true;
    const target: EventQueue = {
      ...bench.target,
      publish(topic, record) {
        asked += 1;
        if (!isAway) return bench.target.publish(topic, record);
        return Promise.reject(new QueueError("unavailable", "Away"));
      },
    };
    await publish(bench, event("a", 1));
    const forwarder = bench.start(target);
    await clock.advance(1000);
    assert.ok(asked >= 3, `${asked} times in the first second`);
    await clock.advance(600_000);
    assert.ok(asked >= 100 && asked <= 250, `${asked} times in ten minutes`);
    isAway = false;
    await clock.advance(5000);
    assert.equal(bench.target.held[0]?.length, 1);
    await stop(bench, 10, forwarder);
  });
});
