/** How a forwarder stops, and another goes on. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { EventLog } from "../../src/ports/event_log.ts";
import { event, offer, openForwarder, publish, stop, values } from "./forwarder_bench.ts";
import { collectLogs } from "./log_lines.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";

describe("forwardEvents at a hand-over", () => {
  it("what the forwarder of another process delivered is not said to be dropped", async () => {
    await using bench = openForwarder();
    const { target, clock } = bench;
    const receipts = createEventReceipts({ isDelivery: false });
    const standingBy = bench.start(target, receipts);
    await offer(bench, receipts, event("a", 1));
    await clock.advance(10);
    target.deliver(0);
    await clock.advance(10);
    await stop(bench);
    await offer(bench, receipts, event("a", 2));
    for (let n = 0; n < 3; n++) {
      await clock.advance(1000);
      target.deliver(0);
    }
    await clock.advance(10);
    assert.deepEqual(values(target.arrived[0]), ["a1", "a2"]);
    assert.equal(receipts.find("a2")?.status, "delivered");
    assert.deepEqual(receipts.find("a1"), { status: "accepted" });
    await stop(bench, 10, standingBy);
  });

  it("stop() says how many stay in the buffer, also of those that came after it had stopped reading", async () => {
    using logs = collectLogs();
    await using bench = openForwarder();
    const { clock, forwarder } = bench;
    await publish(bench, event("a", 1), event("a", 2));
    await clock.advance(10);
    const stopped = forwarder.stop(500);
    await publish(bench, event("a", 3));
    await clock.advance(2000);
    await stopped;
    const told = logs.lines.filter(({ properties }) => "lag" in properties);
    assert.deepEqual(told.map(({ properties }) => properties.lag), [3]);
  });

  it("what the buffer has let go before the forwarder came to it is said to be dropped", async () => {
    await using bench = openForwarder(1, { windowRecords: 4, maxRecords: 10 });
    const { target, clock, receipts } = bench;
    const count = 30;
    for (let n = 0; n < count; n++) {
      await offer(bench, receipts, event("a", n));
      await clock.advance(10);
    }
    for (let n = 0; n < count; n++) {
      target.deliver(0);
      await clock.advance(10);
    }
    const arrived = values(target.arrived[0]);
    assert.ok(arrived.length > 0 && arrived.length < count, `${arrived.length} arrived`);
    for (let n = 0; n < count; n++) {
      const status = arrived.includes(`a${n}`) ? "delivered" : "dropped";
      assert.equal(receipts.find(`a${n}`)?.status, status, `a${n}`);
    }
  });

  it("stop() ends within a second of its deadline, also where the last commit and leaving the group hang", async () => {
    await using bench = openForwarder();
    const { clock, target } = bench;
    const forever = new Promise<never>(() => {});
    const log = bench.buffer;
    await stop(bench);
    await publish(bench, event("a", 1), event("a", 2));
    const hanging: EventLog = {
      ...log,
      subscribe(topic, options) {
        const reading = log.subscribe(topic, options)[Symbol.asyncIterator]();
        const iterator = {
          async next() {
            const result = await reading.next();
            if (result.done) return result;
            return { value: { ...result.value, commit: () => forever } };
          },
          return: () => forever,
        };
        return { ready: Promise.resolve(), [Symbol.asyncIterator]: () => iterator };
      },
    };
    const forwarder = bench.start(target, undefined, hanging);
    await clock.advance(10);
    target.deliver(0, 1);
    await clock.advance(10);
    let isStopped = false;
    void forwarder.stop(1000).then(() => isStopped = true);
    await clock.advance(1500);
    assert.equal(isStopped, false);
    await clock.advance(500);
    assert.equal(isStopped, true);
  });
});
