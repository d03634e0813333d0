import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";

import { losing, openPublisher, record, refusal } from "./publisher_bench.ts";

describe("kafka publisher, idempotent", () => {
  it("a batch whose answers are lost is appended once, and reported where it stands", async () => {
    const { cluster, clock, log, publish, outcomes, values, close } = openPublisher({
      idempotent: true,
    });
    publish("0");
    await clock.advance(100);
    cluster.answers.push(...Array(3).fill(losing(cluster)));
    const sent = [log.publish("t", record("1")), log.publish("t", record("2"))];
    await clock.advance(5000);
    assert.deepEqual((await Promise.all(sent)).map(({ offset }) => offset), [1n, 2n]);
    assert.deepEqual(values(), ["0", "1", "2"]);
    publish("3");
    await clock.advance(100);
    assert.deepEqual([outcomes, cluster.producers], [["0 ok", "3 ok"], 1]);
    await close();
  });

  it("goes on as another producer where the broker has forgotten it", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      idempotent: true,
    });
    publish("0");
    await clock.advance(100);
    cluster.forgetProducers();
    publish("1");
    await clock.advance(1000);
    assert.deepEqual([outcomes, values()], [["0 ok", "1 ok"], ["0", "1"]]);
    assert.equal(cluster.producers, 2);
    await close();
  });

  it("where it cannot know what stands, all that is held is given up, and it begins anew", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      idempotent: true,
    });
    cluster.answers.push(losing(cluster), refusal(59));
    publish("0");
    await clock.advance(10);
    publish("1");
    await clock.advance(1000);
    assert.deepEqual(outcomes, ["0 outcome_unknown", "1 unavailable"]);
    publish("2");
    await clock.advance(1000);
    assert.deepEqual([outcomes.at(-1), values(), cluster.producers], ["2 ok", ["0", "2"], 2]);
    await close();
  });

  it("what is given up before the producer has its number does not go out", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      idempotent: true,
      deliveryTimeoutMs: 5000,
    });
    const number = Promise.withResolvers<{ producerId: bigint; producerEpoch: number }>();
    cluster.connect().initProducer = () => number.promise;
    publish("0");
    await clock.advance(6000);
    assert.deepEqual(outcomes, ["0 timeout"]);
    number.resolve({ producerId: 9n, producerEpoch: 0 });
    await clock.advance(1000);
    publish("1");
    await clock.advance(1000);
    assert.deepEqual([outcomes.at(-1), values()], ["1 ok", ["1"]]);
    await close();
  });
});
