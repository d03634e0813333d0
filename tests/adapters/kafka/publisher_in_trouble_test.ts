/** The publisher among brokers that refuse, lose, repeat and stay silent. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Produced } from "../../../adapters/queue/kafka/driver/driver.ts";
import { named, type ReadProduce } from "./fake_driver.ts";
import { losing, openPublisher, record, refusal } from "./publisher_bench.ts";

describe("kafka publisher in trouble", () => {
  it("the pause before a repeated request is not cut short by what comes meanwhile", async () => {
    const { cluster, clock, publish, close } = openPublisher();
    cluster.answers.push(...Array(1000).fill(refusal(6)));
    for (let n = 0; n < 100; n++) {
      publish("x".repeat(20_000));
      await clock.advance(1);
    }
    assert.ok(cluster.requests.length <= 4, `${cluster.requests.length} requests in 100 ms`);
    cluster.answers.length = 0;
    await close();
  });

  it("of a batch that was split, nothing is sent any more once it is given up", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      deliveryTimeoutMs: 5000,
    });
    const silent = Promise.withResolvers<Produced>();
    cluster.answers.push(refusal(10), () => silent.promise);
    publish("0");
    publish("1");
    await clock.advance(6000);
    assert.deepEqual(outcomes, ["0 timeout", "1 timeout"]);
    silent.resolve(await cluster.append(cluster.requests[1]!));
    await clock.advance(1000);
    assert.deepEqual([cluster.requests.length, values()], [2, ["0"]]);
    await close();
  });

  it("idempotent: an answer to what was given up moves nobody's numbers", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      deliveryTimeoutMs: 5000,
      idempotent: true,
    });
    const silent = Promise.withResolvers<Produced>();
    cluster.answers.push(() => silent.promise);
    publish("0");
    await clock.advance(6000);
    silent.resolve(await cluster.append(cluster.requests[0]!));
    await clock.advance(1000);
    publish("1");
    await clock.advance(1000);
    assert.deepEqual([outcomes, values()], [["0 timeout", "1 ok"], ["0", "1"]]);
    assert.equal(cluster.producers, 2);
    await close();
  });

  it("idempotent: a split does not forget that the whole may stand", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher({
      idempotent: true,
    });
    cluster.answers.push(losing(cluster), refusal(10), refusal(59));
    publish("0");
    publish("1");
    await clock.advance(5000);
    assert.deepEqual(outcomes, ["0 outcome_unknown", "1 outcome_unknown"]);
    assert.deepEqual(values(), ["0", "1"]);
    await close();
  });

  it("each record has the whole of its delivery time-out", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      deliveryTimeoutMs: 10_000,
    });
    const first = Promise.withResolvers<Produced>();
    cluster.answers.push(() => first.promise);
    publish("0");
    await clock.advance(5000);
    publish("1");
    await clock.advance(4000);
    const second = Promise.withResolvers<Produced>();
    cluster.answers.push(() => second.promise);
    first.resolve(await cluster.append(cluster.requests[0]!));
    await clock.advance(5000);
    assert.deepEqual(outcomes, ["0 ok"]);
    await clock.advance(1000);
    assert.deepEqual(outcomes, ["0 ok", "1 timeout"]);
    second.reject(named("ConnectionLost"));
    await close();
  });

  it("a batch has at most a thousand records, and no more bytes than batchBytes", async () => {
    const many = openPublisher();
    for (let n = 0; n < 2500; n++) many.publish(`${n}`);
    await many.clock.advance(1000);
    assert.deepEqual(many.cluster.requests.map(({ records }) => records.length), [1000, 1000, 500]);
    await many.close();
    const narrow = openPublisher({ batchBytes: 1000 });
    for (let n = 0; n < 30; n++) narrow.publish("x".repeat(200));
    await narrow.clock.advance(1000);
    const counts = narrow.cluster.requests.map(({ records }) => records.length);
    assert.ok(counts.every((count) => count <= 5), `${counts}`);
    await narrow.close();
  });

  it("what was given up leaves its room to others", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      maxBytes: 1000,
      deliveryTimeoutMs: 5000,
    });
    cluster.metadataError = named("ConnectionLost");
    for (const value of ["0", "1", "2"]) publish(value);
    await clock.advance(6000);
    assert.deepEqual(outcomes, ["0 timeout", "1 timeout", "2 timeout"]);
    cluster.metadataError = undefined;
    for (const value of ["3", "4", "5"]) publish(value);
    await clock.advance(10_000);
    assert.deepEqual(outcomes.slice(3), ["3 ok", "4 ok", "5 ok"]);
    await close();
  });

  it("while partitions are not known, records wait in order; asking is paced; closing gives them back", async () => {
    const { cluster, clock, log, publish, outcomes } = openPublisher({ closeTimeoutMs: 1000 });
    cluster.metadataError = named("Novel");
    for (const value of ["0", "1", "2"]) publish(value);
    await clock.advance(10_000);
    assert.deepEqual(outcomes, []);
    assert.ok(cluster.metadataRequests <= 25, `${cluster.metadataRequests} requests in 10 s`);
    const closing = log[Symbol.asyncDispose]();
    await clock.advance(5000);
    assert.deepEqual(outcomes, ["0 closed", "1 closed", "2 closed"]);
    await closing;
    await assert.rejects(log.publish("t", record("3")), { code: "closed" });
  });

  it("what is published at the moment when partitions become known comes behind what waits", async () => {
    const { clock, publish, values, close } = openPublisher();
    for (let n = 0; n < 60; n++) {
      publish(`${n}`);
      await Promise.resolve();
    }
    await clock.advance(1000);
    assert.deepEqual(values(), Array.from({ length: 60 }, (_, n) => `${n}`));
    await close();
  });

  it("a request without an answer ends with its connections before it is repeated", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({ requestTimeoutMs: 1000 });
    const connections = cluster.connect();
    const told: string[] = [];
    const drop = connections.drop;
    const silent = Promise.withResolvers<Produced>();
    connections.drop = () => {
      told.push("drop");
      silent.reject(named("ConnectionLost"));
      drop();
    };
    cluster.answers.push(() => silent.promise, (request) => {
      told.push("again");
      return cluster.append(request);
    });
    publish("0");
    await clock.advance(60_000);
    assert.deepEqual([told, outcomes], [["drop", "again"], ["0 ok"]]);
    await close();
  });

  it("not more than 64 requests are under way, and each makes room for the next", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({ partitionCount: 200 });
    const gates = Array.from({ length: 64 }, () => Promise.withResolvers<void>());
    cluster.answers.push(...gates.map(({ promise }) => async (request: ReadProduce) => {
      await promise;
      return await cluster.append(request);
    }));
    for (let n = 0; n < 1000; n++) publish(`${n}`, `key ${n}`);
    await clock.advance(1000);
    assert.equal(cluster.requests.length, 64);
    for (const { resolve } of gates) resolve();
    await clock.advance(5000);
    assert.equal(outcomes.filter((outcome) => outcome.endsWith(" ok")).length, 1000);
    await close();
  });

  it("closing sends at once what waits for company", async () => {
    const { clock, log, publish, outcomes } = openPublisher({ lingerMs: 60_000 });
    publish("0");
    await clock.advance(10);
    const closing = log[Symbol.asyncDispose]();
    await clock.advance(10);
    assert.deepEqual(outcomes, ["0 ok"]);
    await closing;
  });

  it("a record over the limit is refused before anything is sent", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({ maxRecordBytes: 100 });
    publish("x".repeat(200));
    publish("0");
    await clock.advance(100);
    assert.ok(outcomes.includes("0 ok"));
    assert.match(outcomes[0] ?? "", /too_large$/);
    assert.equal(cluster.requests.length, 1);
    await close();
  });

  it("an empty key is a key", async () => {
    const { cluster, clock, publish, close } = openPublisher();
    publish("0", "");
    await clock.advance(100);
    assert.deepEqual(cluster.appended.get(0)?.[0]?.key, new Uint8Array(0));
    await close();
  });

  it("records without a key go to another partition with the next batch", async () => {
    let last = 0;
    const { cluster, clock, log, close } = openPublisher({
      partitionCount: 10,
      random: () => last = (last + 0.37) % 1,
    });
    for (let n = 0; n < 5; n++) {
      const sent = log.publish("t", { value: null });
      await clock.advance(100);
      await sent;
    }
    assert.ok(new Set(cluster.requests.map(({ partition }) => partition)).size > 2);
    await close();
  });
});
