/** The publisher: batches, order, bounds, and what it tells. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import { createKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { Produced } from "../../../adapters/queue/kafka/driver/driver.ts";
import { createFakeClock } from "../../fake_clock.ts";
import { createFakeCluster, named } from "./fake_driver.ts";

import { openPublisher, patient, record, refusal, text } from "./publisher_bench.ts";

describe("kafka publisher", () => {
  it("gathers while a request is under way, and sends what has gathered as one batch", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher();
    const first = Promise.withResolvers<Produced>();
    cluster.answers.push(() => first.promise);
    publish("0");
    await clock.advance(10);
    for (const value of ["1", "2", "3"]) publish(value);
    await clock.advance(1000);
    assert.equal(cluster.requests.length, 1);
    first.resolve(await cluster.append(cluster.requests[0]!));
    await clock.advance(10);
    assert.deepEqual(cluster.requests.map(({ records }) => records.length), [1, 3]);
    assert.deepEqual(outcomes, ["0 ok", "1 ok", "2 ok", "3 ok"]);
    await close();
  });

  it("waits for company no longer than lingerMs, also where the clock was set back meanwhile", async () => {
    const real = patient(createFakeClock());
    let aheadMs = 7_200_000;
    const clock = { ...real, now: () => real.now() + aheadMs };
    const cluster = createFakeCluster(1);
    const log = createKafkaLog(cluster, { clock, lingerMs: 5 });
    const first = Promise.withResolvers<Produced>();
    cluster.answers.push(() => first.promise);
    const reports = [log.publish("t", record("0"))];
    await real.advance(10);
    reports.push(log.publish("t", record("1")));
    await real.advance(10);
    aheadMs = 0;
    first.resolve(await cluster.append(cluster.requests[0]!));
    await real.advance(10);
    assert.equal(cluster.requests.length, 2);
    await Promise.all(reports);
    const closing = log[Symbol.asyncDispose]();
    await real.advance(60_000);
    await closing;
  });

  it("gives up after deliveryTimeoutMs, also where the clock was set back meanwhile", async () => {
    const real = patient(createFakeClock());
    let aheadMs = 7_200_000;
    const clock = { ...real, now: () => real.now() + aheadMs };
    const cluster = createFakeCluster(1);
    const log = createKafkaLog(cluster, { clock, deliveryTimeoutMs: 10_000 });
    cluster.answers.push(...Array.from({ length: 100 }, () => refusal(6)));
    let code: unknown;
    log.publish("t", record("0")).catch((error) => code = error.code);
    await real.advance(5000);
    aheadMs = 0;
    await real.advance(6000);
    assert.equal(code, "timeout");
    const closing = log[Symbol.asyncDispose]();
    await real.advance(60_000);
    await closing;
    assert.equal(real.timers, 0);
  });

  it("what is given up while it waits for company is not sent, not even as an empty batch", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      lingerMs: 1000,
      deliveryTimeoutMs: 500,
    });
    publish("0");
    await clock.advance(2000);
    assert.deepEqual(outcomes, ["0 timeout"]);
    assert.equal(cluster.requests.length, 0);
    for (let n = 0; n < 17; n++) publish("x".repeat(1000));
    await clock.advance(10_000);
    assert.deepEqual(cluster.requests.map(({ records }) => records.length), [17]);
    await close();
  });

  it("waits for company no longer than lingerMs, and not at all for a full batch", async () => {
    const { cluster, clock, publish, close } = openPublisher({ lingerMs: 5, batchBytes: 200 });
    publish("alone");
    await clock.advance(4);
    assert.equal(cluster.requests.length, 0);
    await clock.advance(1);
    assert.equal(cluster.requests.length, 1);
    for (let n = 0; n < 6; n++) publish("x".repeat(30));
    await clock.advance(0);
    assert.ok(cluster.requests.length > 1);
    await close();
  });

  it("a batch of 16 KiB waits for no more company, and is sent whole", async () => {
    const { cluster, clock, publish, close } = openPublisher({ lingerMs: 1000 });
    for (let n = 0; n < 17; n++) publish("x".repeat(1000));
    await clock.advance(0);
    assert.deepEqual(cluster.requests.map(({ records }) => records.length), [17]);
    await close();
  });

  it("one whose records are not hurried waits for company until it has what it is told", async () => {
    const options = { lingerMs: 1000, worthSendingBytes: 65_536 };
    const { cluster, clock, publish, close } = openPublisher(options);
    for (let n = 0; n < 60; n++) publish("x".repeat(1000));
    await clock.advance(900);
    assert.equal(cluster.requests.length, 0);
    for (let n = 0; n < 10; n++) publish("x".repeat(1000));
    await clock.advance(0);
    assert.deepEqual(cluster.requests.map(({ records }) => records.length), [70]);
    await close();
  });

  it("repeats a failed request unchanged, after a pause, until it succeeds", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher();
    const fault = () => Promise.reject(named("ConnectionLost"));
    cluster.answers.push(fault, refusal(6), refusal(99));
    for (const value of ["0", "1", "2"]) publish(value);
    await clock.advance(10);
    publish("late");
    await clock.advance(5000);
    const sent = cluster.requests.map(({ records }) => records.map(({ value }) => text(value)));
    assert.deepEqual(sent, [...Array(4).fill(["0", "1", "2"]), ["late"]]);
    assert.deepEqual(values(), ["0", "1", "2", "late"]);
    assert.deepEqual(outcomes, ["0 ok", "1 ok", "2 ok", "late ok"]);
    await close();
  });

  it("splits a batch that is too large; the record that is so alone is refused, none else", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher();
    const limited = (request: Parameters<typeof cluster.append>[0]): Promise<Produced> =>
      request.records.some(({ value }) => text(value) === "big")
        ? Promise.reject(new KafkaProtocolError(10, "Produce"))
        : cluster.append(request);
    cluster.answers.push(...Array(20).fill(limited));
    for (const value of ["0", "1", "2", "big", "4", "5", "6"]) publish(value);
    await clock.advance(1000);
    assert.deepEqual(values(), ["0", "1", "2", "4", "5", "6"]);
    assert.ok(outcomes.includes("big too_large"));
    assert.equal(outcomes.filter((outcome) => outcome.endsWith(" ok")).length, 6);
    await close();
  });

  it("finds the one record that the broker calls invalid", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher();
    const checked = (request: Parameters<typeof cluster.append>[0]): Promise<Produced> =>
      request.records.some(({ value }) => text(value) === "bad")
        ? Promise.reject(new KafkaProtocolError(87, "Produce"))
        : cluster.append(request);
    cluster.answers.push(...Array(20).fill(checked));
    for (const value of ["0", "bad", "2", "3"]) publish(value);
    await clock.advance(1000);
    assert.deepEqual(values(), ["0", "2", "3"]);
    assert.ok(outcomes.includes("bad invalid_record"));
    await close();
  });

  it("moves a timestamp that the broker refuses, and keeps the original in a header", async () => {
    const { cluster, clock, log, close } = openPublisher();
    const brokerTime = clock.now() - 2 * 3_600_000;
    const checked = (request: Parameters<typeof cluster.append>[0]): Promise<Produced> =>
      request.records.some(({ timestamp }) => timestamp > brokerTime + 3_600_000)
        ? Promise.reject(new KafkaProtocolError(32, "Produce"))
        : cluster.append(request);
    cluster.answers.push(...Array(20).fill(checked));
    const now = clock.now();
    const sent = [
      log.publish("t", { ...record("old"), timestamp: 1000 }),
      log.publish("t", record("new")),
    ];
    await clock.advance(1000);
    const [, report] = await Promise.all(sent);
    const [old, moved] = cluster.appended.get(0) ?? [];
    assert.deepEqual([old?.timestamp, old?.headers], [1000, []]);
    assert.equal(moved?.timestamp, report?.timestamp);
    assert.ok(moved && moved.timestamp <= brokerTime + 3_600_000);
    const [[name, value]] = moved.headers as [[string, Uint8Array]];
    assert.deepEqual([name, text(value)], ["original-timestamp", `${now}`]);
    await close();
  });

  it("gives up everything of the partition after the delivery time-out, in order", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      deliveryTimeoutMs: 10_000,
    });
    const silent = Promise.withResolvers<Produced>();
    cluster.answers.push(() => silent.promise);
    publish("0");
    await clock.advance(10);
    publish("1");
    publish("2");
    await clock.advance(10_000);
    assert.deepEqual(outcomes, ["0 timeout", "1 timeout", "2 timeout"]);
    publish("newer");
    await clock.advance(1000);
    assert.equal(cluster.requests.length, 1, "the request under way is awaited first");
    silent.resolve(await cluster.append(cluster.requests[0]!));
    await clock.advance(1000);
    assert.deepEqual(outcomes.slice(3), ["newer ok"]);
    assert.deepEqual(cluster.appended.get(0)?.map(({ value }) => text(value)), ["0", "newer"]);
    await close();
  });

  it("a partition that is given up does not touch the others", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      partitionCount: 8,
      deliveryTimeoutMs: 5000,
    });
    const stuck = Promise.withResolvers<Produced>();
    cluster.answers.push(() => stuck.promise);
    publish("stuck", "a");
    await clock.advance(100);
    for (let n = 0; n < 20; n++) publish(`${n}`, `key ${n}`);
    await clock.advance(6000);
    assert.ok(outcomes.filter((outcome) => outcome.endsWith(" ok")).length >= 10);
    assert.ok(outcomes.includes("stuck timeout"));
    stuck.reject(named("ConnectionLost"));
    await close();
  });

  it("rejects with full beyond maxBytes, and takes again when there is room", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({ maxBytes: 1000 });
    const first = Promise.withResolvers<Produced>();
    cluster.answers.push(() => first.promise);
    for (const value of ["0", "1", "2", "3"]) publish(value);
    await clock.advance(100);
    assert.deepEqual(outcomes, ["3 full"]);
    first.resolve(await cluster.append(cluster.requests[0]!));
    await clock.advance(100);
    publish("4");
    await clock.advance(100);
    assert.deepEqual(outcomes, ["3 full", "0 ok", "1 ok", "2 ok", "4 ok"]);
    await close();
  });

  it("closing rejects what is left: closed, or outcome_unknown where it may stand", async () => {
    const { cluster, clock, log, publish, outcomes } = openPublisher({ closeTimeoutMs: 3000 });
    const silent = Promise.withResolvers<Produced>();
    cluster.answers.push(() => silent.promise);
    publish("sent");
    await clock.advance(10);
    publish("waiting");
    const closing = log[Symbol.asyncDispose]();
    await clock.advance(3000);
    assert.deepEqual(outcomes, ["sent outcome_unknown", "waiting closed"]);
    silent.reject(named("ConnectionLost"));
    await closing;
    assert.equal(clock.timers, 0);
  });

  it("wrong credentials are told at once, and tried again with patience", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher();
    cluster.metadataError = named("WrongPassword");
    for (let n = 0; n < 200; n++) {
      publish(`${n}`);
      await clock.advance(100);
    }
    assert.equal(outcomes[0], "0 unauthorized");
    assert.ok(cluster.metadataRequests <= 40, `${cluster.metadataRequests} requests in 20 s`);
    cluster.metadataError = undefined;
    await clock.advance(5000);
    publish("mended");
    await clock.advance(5000);
    assert.equal(outcomes.at(-1), "mended ok");
    await close();
  });

  it("an unknown topic is told once metadata has said so twice", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({ topicPolicy: "never" });
    cluster.topicError = 3;
    publish("0");
    await clock.advance(50);
    assert.deepEqual([outcomes, cluster.metadataRequests], [[], 1]);
    await clock.advance(100);
    assert.deepEqual([outcomes, cluster.metadataRequests], [["0 unknown_topic"], 2]);
    await close();
  });

  it("a topic that vanishes under the publisher is made again, and nothing is lost", async () => {
    const { cluster, clock, publish, outcomes, values, close } = openPublisher();
    publish("0");
    await clock.advance(100);
    cluster.topicError = 3;
    cluster.answers.push(refusal(3));
    publish("1");
    await clock.advance(3000);
    assert.deepEqual([outcomes, cluster.created], [["0 ok", "1 ok"], ["t"]]);
    assert.deepEqual(values(), ["0", "1"]);
    await close();
  });

  it("a topic that is made again with fewer partitions gives back what can not be sent, without a delivery time-out", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      partitionCount: 50,
      deliveryTimeoutMs: Infinity,
    });
    const keys = Array.from({ length: 20 }, (_, n) => `key ${n}`);
    for (const key of keys) publish(key, key);
    await clock.advance(100);
    assert.equal(outcomes.length, 20);
    cluster.partitionCount = 1;
    outcomes.length = 0;
    for (const key of keys) publish(key, key);
    await clock.advance(3000);
    const rejected = outcomes.filter((outcome) => outcome.endsWith(" unavailable"));
    assert.deepEqual(rejected.length, 20 - outcomes.filter((one) => one.endsWith(" ok")).length);
    for (const outcome of rejected) {
      const key = outcome.replace(" unavailable", "");
      publish(key, key);
    }
    await clock.advance(1000);
    assert.equal(outcomes.filter((outcome) => outcome.endsWith(" ok")).length, 20);
    await close();
  });

  it("records without a key stay together until their batch is closed", async () => {
    const { cluster, clock, log, close } = openPublisher({
      partitionCount: 10,
      random: Math.random,
    });
    const sent = Array.from({ length: 50 }, () => log.publish("t", { value: null }));
    await clock.advance(100);
    await Promise.all(sent);
    assert.equal(cluster.requests.length, 1);
    await close();
  });

  it("first occurrences keep the order of calls and every report points at its record, whatever fails", async () => {
    const outcome = fc.constantFrom("ok", "lost answer", "refused", "not now", "too large");
    await fc.assert(
      fc.asyncProperty(
        fc.array(outcome, { maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        async (answers, gapsMs, idempotent) => {
          const { cluster, clock, log, close } = openPublisher({ lingerMs: 0, idempotent });
          /**
           * A broker knows the batch that it has appended: the next answer is not that it is too
           * large.
           */
          let isAppended = false;
          cluster.answers.push(
            ...answers.map((kind) => async (request: Parameters<typeof cluster.append>[0]) => {
              if (kind === "ok" || kind === "lost answer") {
                const produced = await cluster.append(request);
                isAppended = kind === "lost answer" && idempotent;
                if (kind === "ok") return produced;
                throw named("ConnectionLost");
              }
              const code = { refused: 6, "not now": 19, "too large": 10 }[kind] ?? 99;
              throw new KafkaProtocolError(
                code === 10 && (isAppended || request.records.length === 1) ? 19 : code,
                "Produce",
              );
            }),
          );
          const reports: Promise<{ n: number; offset: bigint }>[] = [];
          for (const [n, gapMs] of gapsMs.entries()) {
            const sent = log.publish("t", record(`${n}`));
            reports.push(sent.then(({ offset }) => ({ n, offset })));
            await clock.advance(gapMs);
          }
          await clock.advance(60_000);
          const reported = await Promise.all(reports);
          const stands = (cluster.appended.get(0) ?? []).map(({ value }) => Number(text(value)));
          assert.deepEqual(idempotent ? stands : [...new Set(stands)], gapsMs.map((_, n) => n));
          for (const { n, offset } of reported) assert.equal(stands[Number(offset)], n);
          await close();
        },
      ),
      { numRuns: 50 },
    );
  });
});
