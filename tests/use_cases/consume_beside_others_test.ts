/** Consuming where another program is in the consumer's group. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { consumerGroup } from "../../src/use_cases/consume_events.ts";
import { openBench } from "./consumer_bench.ts";

describe("consumeEvents() beside others", () => {
  it("reads again what another member of its group commits, and says so until it has gone", async () => {
    const bench = openBench();
    const group = consumerGroup("trends");
    const stranger = bench.memory.subscribe("t", { group })[Symbol.asyncIterator]();
    const taken = stranger.next();
    const consumer = bench.start();
    await bench.clock.advance(10);
    await bench.search("a", "b");
    await (await taken).value!.commit();
    await bench.untilConsumed("a", "b");
    const health = consumer.health();
    assert.equal(health.status === "degraded" && health.reason, "group_active");
    assert.match(
      health.status === "degraded" ? health.detail : "",
      /another program in its group "shelfcast-trends".*partition 0 of topic "t".*end it/,
    );
    const { counters } = bench.telemetry;
    assert.equal(counters["shelfcast.consumer.read_again{consumer=trends}"], 2);
    assert.equal(counters["shelfcast.consumer.faults{consumer=trends,kind=group_active}"], 1);
    await stranger.return?.();
    await bench.search("c");
    await bench.untilConsumed("a", "b", "c");
    await bench.clock.advance(310_000);
    assert.deepEqual(consumer.health(), { status: "ok" });
    await consumer.stop(1_000);
  });

  it("says who holds what does not get on", async () => {
    const bench = openBench();
    const stranger = bench.memory.subscribe("t", { group: consumerGroup("trends") });
    const reading = stranger[Symbol.asyncIterator]();
    const taken = reading.next();
    const consumer = bench.start();
    await bench.clock.advance(10);
    await bench.search("a");
    await taken;
    await bench.clock.advance(60_000);
    assert.deepEqual(consumer.health(), { status: "ok" });
    await bench.clock.advance(20_000);
    const health = consumer.health();
    assert.match(
      health.status === "degraded" ? health.detail : "",
      /partition 0 of topic "t" does not get on, and in group "shelfcast-trends" it falls to/,
    );
    await reading.return?.();
    await bench.untilConsumed("a");
    await bench.clock.advance(20_000);
    assert.deepEqual(consumer.health(), { status: "ok" });
    await consumer.stop(1_000);
  });

  it("forgets no key of a partition that another process of the group has still to read", async () => {
    const hourMs = 3_600_000;
    const behind = { topic: "t", partition: 1, position: 0n, end: 5n, lag: 5n, holder: "other" };
    let waitingSince: number | undefined;
    const bench = openBench({
      log: (log) => ({
        ...log,
        groups: {
          ...log.groups,
          async describe(group) {
            const described = await log.groups.describe(group);
            const one = { ...behind, ...(waitingSince !== undefined && { waitingSince }) };
            return { ...described, positions: [...described.positions, one] };
          },
        },
      }),
    });
    const hour = (): number => Math.floor(bench.clock.now() / hourMs);
    waitingSince = bench.clock.now() - 100 * hourMs;
    const consumer = bench.start();
    await bench.search("a");
    await bench.clock.advance(61_000);
    await bench.search("b");
    await bench.clock.advance(10);
    assert.equal(bench.model.horizon, hour() - 172);
    waitingSince = undefined;
    await bench.clock.advance(10_000);
    await bench.search("c");
    await bench.clock.advance(10);
    assert.equal(bench.model.horizon, hour() - 72);
    await consumer.stop(1_000);
  });
});
