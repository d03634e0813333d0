/** How fast a forwarder goes on, alone and beside searches. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { event, type ForwarderBench, openForwarder, publish, stop } from "./forwarder_bench.ts";

const backlog = Array.from({ length: 1200 }, (_, n) => event("a", n));
const newEvents = Array.from({ length: 20 }, (_, n) => event("a", backlog.length + n));

const published = ({ target }: ForwarderBench): number =>
  target.arrived[0]!.length + target.held[0]!.length;

/** How many records are published within a millisecond at most, until there are so many. */
async function mostAtOnce(bench: ForwarderBench, records: number): Promise<number> {
  let most = 0;
  for (let before = published(bench); before < records; before = published(bench)) {
    bench.target.deliver(0);
    await bench.clock.advance(1);
    most = Math.max(most, published(bench) - before);
  }
  return most;
}

/**
 * A forwarder that has found the backlog when it started, and has published what its window takes.
 */
async function inBacklog(test: (bench: ForwarderBench) => Promise<void>): Promise<void> {
  await using bench = openForwarder(1, { batchRecords: 200, windowRecords: 400 });
  await stop(bench);
  await publish(bench, ...backlog);
  const forwarder = bench.start();
  await bench.clock.advance(0);
  assert.equal(published(bench), 400);
  await test(bench);
  await stop(bench, 10, forwarder);
}

describe("the pace of forwardEvents", () => {
  it("a backlog that nothing comes behind goes as fast as it is read", () =>
    inBacklog(async (bench) => {
      assert.ok(await mostAtOnce(bench, backlog.length) >= 200);
    }));

  it("one that events of searches come behind goes in small pieces, which hold none of them up", () =>
    inBacklog(async (bench) => {
      await publish(bench, ...newEvents);
      // It had read on before.
      await mostAtOnce(bench, 601);
      assert.ok(await mostAtOnce(bench, backlog.length + newEvents.length) <= 50);
    }));

  it("beside searches little of it is under way, and records without an answer hold up the others only for a moment", () =>
    inBacklog(async (bench) => {
      const { target, clock } = bench;
      await publish(bench, ...newEvents);
      const underWay = (): number => target.held[0]!.length;
      // It had read one batch before.
      for (const _ of [1, 2]) {
        target.deliver(0, 200);
        await clock.advance(90);
      }
      assert.ok(underWay() <= 250, `${underWay()} under way`);
      await clock.advance(1000);
      assert.equal(underWay(), 400, "the window");
    }));

  it("one that as much comes behind as is read goes as fast: it must not grow", () =>
    inBacklog(async (bench) => {
      for (let round = 0; round < 5; round++) {
        await publish(bench, ...backlog.slice(0, 200));
        const before = published(bench);
        assert.ok(await mostAtOnce(bench, before + 200) >= 200);
      }
    }));

  it("events gather where many come, for so long at most, and one alone is brought on at once", async () => {
    const gather = { leastMs: 0, mostMs: 50 };
    await using bench = openForwarder(1, { batchRecords: 500, gather });
    await bench.clock.advance(0);
    await publish(bench, ...backlog.slice(0, 1));
    await bench.clock.advance(0);
    assert.equal(published(bench), 1);
    await publish(bench, ...backlog.slice(1, 100));
    await bench.clock.advance(4);
    assert.equal(published(bench), 1);
    await bench.clock.advance(1);
    assert.equal(published(bench), 100);
    await publish(bench, ...backlog.slice(100, 200));
    await bench.clock.advance(49);
    assert.equal(published(bench), 100);
    await bench.clock.advance(1);
    assert.equal(published(bench), 200);
    bench.target.deliver(0);
  });

  it("those that have gathered and are read in pieces are no backlog", async () => {
    const gather = { leastMs: 0, mostMs: 50 };
    await using bench = openForwarder(1, { batchRecords: 200, gather });
    await publish(bench, ...backlog.slice(0, 100));
    await bench.clock.advance(0);
    await publish(bench, ...backlog.slice(100, 500));
    await bench.clock.advance(51);
    assert.equal(published(bench), 500);
    bench.target.deliver(0);
  });
});
