/** Forwarding, where all is well and where single records are not (G8). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { QueueError, type QueueErrorCode, queueErrorCodes } from "../../src/ports/queue_error.ts";
import { event, openForwarder, publish, stop, text, values } from "./forwarder_bench.ts";
import { createPartitionedTarget, type PartitionedTarget } from "./partitioned_target.ts";

const poison: readonly QueueErrorCode[] = ["too_large", "invalid_record"];

describe("forwardEvents", () => {
  it("publishes what is in the buffer unchanged and in order, and commits what was reported", async () => {
    await using bench = openForwarder();
    const { target, clock } = bench;
    await publish(bench, event("a", 1), {
      value: null,
      timestamp: 7,
      headers: [["h", new Uint8Array([255])]],
      key: "",
    });
    for (const _ of ["first", "second"]) {
      await clock.advance(10);
      target.deliver(0);
    }
    await clock.advance(10);
    assert.deepEqual(values(target.arrived[0]), ["a1", ""]);
    const [, tombstone] = target.arrived[0]!;
    assert.equal(tombstone?.value, null);
    assert.equal(tombstone?.timestamp, 7);
    assert.deepEqual(tombstone?.headers, [["h", new Uint8Array([255])]]);
    await stop(bench);
    assert.deepEqual(await bench.uncommitted(), []);
  });

  it("commits nothing that has no delivery report, however far later records are", async () => {
    await using bench = openForwarder(2);
    const { target, clock } = bench;
    await publish(bench, ...[1, 2, 3, 4, 5, 6].flatMap((n) => [event("a", n), event("b", n)]));
    await clock.advance(10);
    target.deliver(0);
    await clock.advance(10);
    await stop(bench);
    assert.equal(target.arrived[0]?.length, 6);
    assert.equal(
      (await bench.uncommitted())[0],
      values(target.arrived[0])[0] === "a1" ? "b1" : "a1",
    );
  });

  it("publishes again from the first that was given up, when nothing is under way any more", async () => {
    await using bench = openForwarder(2);
    const { target, clock } = bench;
    await publish(bench, ...[1, 2, 3].flatMap((n) => [event("a", n), event("b", n)]));
    await clock.advance(10);
    const [a, b] = "a".charCodeAt(0) % 2 === 0 ? [0, 1] : [1, 0];
    target.deliver(a!, 1);
    target.giveUp(a!, "unavailable");
    await clock.advance(10_000);
    assert.equal(target.held[a!]?.length, 0, "b is still under way");
    assert.equal(bench.forwarder.health().status, "degraded", "a waits for b");
    target.deliver(b!, 1);
    await clock.advance(10);
    assert.equal(bench.forwarder.health().status, "degraded", "a still waits");
    target.deliver(b!);
    await clock.advance(10_000);
    for (const partition of [a!, b!]) target.deliver(partition);
    await clock.advance(10);
    assert.deepEqual(values(target.arrived[a!]), ["a1", "a2", "a3"]);
    assert.deepEqual(
      values(target.arrived[b!]),
      ["b1", "b2", "b3"],
      "what was reported is not sent again",
    );
  });

  it("publishes nothing newer between a rejection and the moment when it hears of it", async () => {
    await using bench = openForwarder();
    await stop(bench);
    const called: string[] = [];
    let isGivenUp = false;
    const target: PartitionedTarget = {
      ...bench.target,
      async publish(_topic, { value }) {
        called.push(`${text(value)}${isGivenUp ? " after" : ""}`);
        for (let turn = 0; turn < 3; turn++) await Promise.resolve();
        isGivenUp = true;
        // As through a few layers of asynchronous functions.
        for (let turn = 0; turn < 40; turn++) await Promise.resolve();
        throw new QueueError("unavailable", "Given up");
      },
    };
    await publish(bench, ...Array.from({ length: 40 }, (_, n) => event("a", n)));
    const forwarder = bench.start(target);
    await bench.clock.advance(40);
    assert.deepEqual(called.filter((call) => call.endsWith("after")), []);
    await stop(bench, 10, forwarder);
  });

  it("what was reported is not sent again, however often what is before it is given up", async () => {
    await using bench = openForwarder(2);
    const { target, clock } = bench;
    await stop(bench);
    await publish(bench, ...[1, 2, 3, 4, 5, 6].flatMap((n) => [event("a", n), event("b", n)]));
    let givesUp = false;
    const forwarder = bench.start({
      ...target,
      publish: (topic, record) =>
        givesUp && text(record.key as Uint8Array) === "a"
          ? Promise.reject(new QueueError("unauthorized", "Given up"))
          : target.publish(topic, record),
    });
    await clock.advance(10);
    const [a, b] = "a".charCodeAt(0) % 2 === 0 ? [0, 1] : [1, 0];
    target.deliver(b!);
    target.giveUp(a!, "unauthorized");
    // At once, so that no pass comes to what stands behind.
    givesUp = true;
    await clock.advance(20_000);
    assert.equal(target.held[a!]?.length, 0);
    givesUp = false;
    for (let n = 0; n < 10; n++) {
      await clock.advance(1000);
      for (const partition of [a!, b!]) target.deliver(partition);
    }
    assert.deepEqual(values(target.arrived[a!]), ["a1", "a2", "a3", "a4", "a5", "a6"]);
    assert.deepEqual(values(target.arrived[b!]), ["b1", "b2", "b3", "b4", "b5", "b6"]);
    await stop(bench, 1000, forwarder);
    assert.deepEqual(await bench.uncommitted(), []);
  });

  for (const code of poison) {
    it(`gives a record up only for its own sake: ${code} goes to the dead letters, its neighbours arrive`, async () => {
      await using bench = openForwarder();
      const { target, clock } = bench;
      await publish(bench, event("a", 1), event("a", 2), event("a", 3));
      await clock.advance(10);
      target.deliver(0, 1);
      target.refuse(0, code);
      target.deliver(0);
      await clock.advance(10);
      await stop(bench);
      assert.deepEqual(values(target.arrived[0]), ["a1", "a3"]);
      assert.deepEqual(await bench.uncommitted(), []);
      assert.deepEqual(bench.outcomes.flatMap(({ deadLettered = [] }) => deadLettered), [1n]);
      const [letter, ...others] = await bench.deadLetters();
      assert.deepEqual(others, []);
      assert.deepEqual([text(letter?.key), text(letter?.value)], ["a", "a2"]);
      const headers = Object.fromEntries(
        letter!.headers.map(([name, value]) => [name, text(value)]),
      );
      const at = new Date(Date.UTC(2026, 0, 1) + 10).toISOString();
      assert.deepEqual(headers, {
        ce_id: "a2",
        "dlq-original-topic": "t",
        "dlq-original-partition": "0",
        "dlq-original-offset": "1",
        "dlq-original-timestamp": `${Date.UTC(2026, 0, 1)}`,
        "dlq-consumer-group": "forwarder",
        "dlq-reason": code,
        "dlq-error-message": "Refused",
        "dlq-attempts": "1",
        "dlq-first-failed-at": at,
        "dlq-last-failed-at": at,
      });
    });
  }

  it("tells the receipts where an event stands, or why it does not", async () => {
    await using bench = openForwarder();
    const { target, clock, receipts } = bench;
    for (const id of ["a1", "a2"]) receipts.offered(id);
    await publish(bench, event("a", 1), event("a", 2));
    await clock.advance(10);
    target.deliver(0, 1);
    target.refuse(0, "too_large");
    await clock.advance(10);
    const delivered = { status: "delivered", topic: "t", partition: 0, offset: 0n };
    assert.deepEqual(receipts.find("a1"), delivered);
    assert.deepEqual(receipts.find("a2"), { status: "dead_lettered", reason: "too_large" });
  });

  it("the largest record that a buffer takes fits into its dead letters", async () => {
    await using bench = openForwarder();
    const { target, clock } = bench;
    await publish(bench, { key: "a", value: new Uint8Array(999_999) });
    await clock.advance(10);
    target.refuse(0, "too_large");
    await clock.advance(10);
    assert.equal((await bench.deadLetters())[0]?.value?.length, 999_999);
  });

  for (const code of Object.keys(queueErrorCodes) as QueueErrorCode[]) {
    if (poison.includes(code)) continue;
    it(`tries again for ever, and says so: ${code} sends nothing to the dead letters`, async () => {
      await using bench = openForwarder();
      const { target, clock, forwarder } = bench;
      await publish(bench, event("a", 1), event("a", 2));
      for (let n = 0; n < 5; n++) {
        await clock.advance(6000);
        assert.equal(target.held[0]?.length, 2);
        target.giveUp(0, code);
      }
      await clock.advance(1);
      assert.equal(forwarder.health().status, "degraded");
      await clock.advance(6000);
      target.deliver(0);
      await clock.advance(10);
      assert.deepEqual(values(target.arrived[0]), ["a1", "a2"]);
      assert.deepEqual(await bench.deadLetters(), []);
      assert.equal(forwarder.health().status, "ok");
    });
  }

  it("says so while commits fail, whatever is delivered meanwhile, and is well with the first that succeeds", async () => {
    await using bench = openForwarder(1, { windowRecords: 8 });
    const { target, clock, forwarder } = bench;
    await clock.advance(10_000);
    bench.failCommits(new QueueError("unavailable", "Disk failed"));
    await publish(bench, event("a", 1));
    for (let n = 2; n < 5; n++) {
      await clock.advance(10);
      target.deliver(0);
      await clock.advance(10);
      assert.equal(forwarder.health().status, "degraded");
      await publish(bench, event("a", n));
      await clock.advance(10);
      target.deliver(0);
      await clock.advance(10);
      assert.equal(forwarder.health().status, "degraded", "after a delivery");
    }
    bench.failCommits(undefined);
    await clock.advance(1000);
    assert.equal(forwarder.health().status, "ok");
    await stop(bench);
    assert.deepEqual(await bench.uncommitted(), []);
  });

  it("is well when a dead letter that could not be written is written", async () => {
    await using bench = openForwarder();
    const { target, clock, forwarder, buffer } = bench;
    await clock.advance(10_000);
    await publish(bench, event("a", 1));
    await clock.advance(10);
    bench.failPublishes(new QueueError("full", "No space"));
    target.refuse(0, "too_large");
    await clock.advance(10);
    assert.equal(forwarder.health().status, "degraded");
    bench.failPublishes(undefined);
    await clock.advance(5000);
    assert.equal((await bench.deadLetters()).length, 1);
    assert.equal(forwarder.health().status, "ok");
    assert.equal(buffer.health().status, "ok");
  });

  it("more than 100 dead letters in a minute make it pause, and say so", async () => {
    await using bench = openForwarder();
    const { target, clock, forwarder } = bench;
    await publish(bench, ...Array.from({ length: 150 }, (_, n) => event("a", n)));
    for (let n = 0; n < 100; n++) {
      await clock.advance(10);
      target.refuse(0, "invalid_record");
    }
    await clock.advance(10);
    assert.equal(forwarder.health().status, "ok");
    target.refuse(0, "invalid_record");
    await clock.advance(10);
    assert.equal((await bench.deadLetters()).length, 100);
    assert.match(JSON.stringify(forwarder.health()), /More than 100 records of topic/);
    await clock.advance(60_000);
    assert.equal((await bench.deadLetters()).length, 101);
    assert.equal(forwarder.health().status, "ok");
  });

  it("has no more on the way than its window, in records and in bytes", async () => {
    await using bench = openForwarder(1, { windowRecords: 10 });
    await publish(bench, ...Array.from({ length: 40 }, (_, n) => event("a", n)));
    for (let n = 0; n < 40; n++) {
      await bench.clock.advance(10);
      bench.target.deliver(0, 3);
    }
    assert.equal(bench.target.arrived[0]?.length, 40);
    assert.ok(bench.target.most.records <= 10, `${bench.target.most.records} records`);

    await using narrow = openForwarder(1, { windowBytes: 40_000 });
    const big = { key: "a", value: new Uint8Array(9_000) };
    await publish(narrow, ...Array.from({ length: 12 }, () => big));
    for (let n = 0; n < 12; n++) {
      await narrow.clock.advance(10);
      narrow.target.deliver(0, 1);
    }
    assert.ok(narrow.target.most.bytes <= 40_000, `${narrow.target.most.bytes} bytes`);
    for (let n = 0; n < 12; n++) {
      await narrow.clock.advance(10);
      narrow.target.deliver(0);
    }
    assert.equal(narrow.target.arrived[0]?.length, 12);
  });

  it("stop() waits for what is under way; what was not reported is published by the next", async () => {
    await using bench = openForwarder();
    const { target, clock, forwarder } = bench;
    await publish(bench, ...[1, 2, 3].map((n) => event("a", n)));
    await clock.advance(10);
    let isStopped = false;
    const stopped = forwarder.stop(1000).then(() => isStopped = true);
    await publish(bench, event("a", 4));
    await clock.advance(400);
    target.deliver(0, 2);
    await clock.advance(100);
    assert.equal(isStopped, false);
    assert.deepEqual(target.held[0]?.length, 1, "nothing new is read");
    await clock.advance(500);
    await stopped;
    assert.deepEqual(await bench.uncommitted(), ["a3", "a4"]);
    const next = createPartitionedTarget();
    const second = bench.start(next);
    await clock.advance(10);
    next.deliver(0);
    await clock.advance(10);
    assert.deepEqual(values(next.arrived[0]), ["a3", "a4"]);
    await stop(bench, 1000, second);
  });

  it("whatever a target does, everything arrives, per key in the order of first occurrences", async () => {
    const step = fc.record({
      partition: fc.nat(2),
      what: fc.constantFrom(
        "publish",
        "publish",
        "deliver",
        "deliver one",
        "give up",
        "lose report",
        "poison",
        "wait",
        "restart",
      ),
      key: fc.constantFrom("a", "b", "c", "d", "e"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        await using bench = openForwarder(3, { windowRecords: 9 });
        const { target, clock } = bench;
        let { forwarder } = bench;
        const sent: string[] = [];
        let refusals = 0;
        for (const { partition, what, key } of steps) {
          if (what === "publish") {
            sent.push(`${key}${sent.length}`);
            await publish(bench, event(key, sent.length - 1));
          } else if (what === "deliver") target.deliver(partition);
          else if (what === "deliver one") target.deliver(partition, 1);
          else if (what === "give up") target.giveUp(partition, "unavailable");
          else if (what === "lose report") target.giveUp(partition, "timeout", true);
          else if (what === "poison" && target.held[partition]!.length > 0) {
            target.refuse(partition, "too_large");
            refusals += 1;
          } else if (what === "wait") await clock.advance(7000);
          else if (what === "restart") {
            await stop(bench, 10, forwarder);
            for (const n of [0, 1, 2]) target.giveUp(n, "closed");
            forwarder = bench.start();
          }
          await clock.advance(5);
        }
        for (let n = 0; n < 2 * sent.length + 20; n++) {
          for (const partition of [0, 1, 2]) target.deliver(partition);
          await clock.advance(6000);
        }
        const letters = (await bench.deadLetters()).map(({ value }) => text(value));
        const firsts = [...new Set(target.arrived.flatMap(values))];
        assert.deepEqual(new Set([...firsts, ...letters]), new Set(sent));
        assert.ok(letters.length <= refusals);
        for (const key of ["a", "b", "c", "d", "e"]) {
          const inOrder = sent.filter((id) => id.startsWith(key) && firsts.includes(id));
          assert.deepEqual(firsts.filter((id) => id.startsWith(key)), inOrder);
        }
        await stop(bench, 10, forwarder);
        assert.deepEqual(await bench.uncommitted(), []);
      }),
      { numRuns: 60 },
    );
  });
});
