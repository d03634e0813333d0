/** Kafka's health: each fault by its name, with what to do about it, and its end. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerUnreachable } from "../../../adapters/queue/kafka/driver/fault.ts";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import {
  createKafkaLog,
  type KafkaLogOptions,
  openKafkaLog,
} from "../../../adapters/queue/kafka/kafka_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { createFakeClock, type FakeClock } from "../../fake_clock.ts";
import { createFakeCluster, type FakeCluster, named } from "./fake_driver.ts";
import { startSilentBroker } from "./silent_broker.ts";

/** Between the fault and the word of it, and between its end and the word of that. */
const soonMs = 5000;
const unreachable = new BrokerUnreachable('Broker "b:9092" cannot be reached');

interface Bench {
  readonly cluster: FakeCluster;
  readonly clock: FakeClock;
  readonly log: EventLog;
  /** The reason, or ok. */
  reason(): string;
  detail(): string;
  advance(ms: number): Promise<void>;
}

/** Runs `test` over a log that has one topic, three partitions and a probe. */
async function bench(
  options: Partial<KafkaLogOptions>,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const cluster = createFakeCluster(3);
  const clock = createFakeClock();
  const log = createKafkaLog(cluster, { clock, random: () => 0.5, topics: ["t"], ...options });
  const advance = async (ms: number): Promise<void> => {
    for (let step = 0; step < 10; step++) {
      await clock.advance(ms / 10);
      await clock.advance(0);
    }
  };
  const health = () => log.health();
  await test({
    cluster,
    clock,
    log,
    advance,
    reason() {
      const found = health();
      return found.status === "ok" ? "ok" : found.reason;
    },
    detail() {
      const found = health();
      return found.status === "ok" ? "" : found.detail;
    },
  });
  const closing = log[Symbol.asyncDispose]();
  await advance(60_000);
  await closing;
  assert.equal(clock.timers, 0, "no timer is left");
}

describe("kafka health", () => {
  it("is not known before a broker has answered, then ok, and closed after closing", async () => {
    await bench({}, async ({ log, reason, advance }) => {
      assert.equal(reason(), "unavailable");
      await advance(100);
      assert.equal(reason(), "ok");
      const closing = log[Symbol.asyncDispose]();
      assert.equal(reason(), "closed");
      await advance(100);
      await closing;
    });
  });

  it("tells a silent cluster, and its return, within five seconds; a request a time", async () => {
    await bench({}, async ({ cluster, reason, detail, advance }) => {
      await advance(10_000);
      assert.equal(reason(), "ok");
      cluster.isSilent = true;
      const before = cluster.metadataRequests;
      await advance(soonMs);
      assert.equal(reason(), "timeout");
      assert.match(detail(), /no answer/);
      await advance(60_000);
      assert.equal(reason(), "timeout");
      const asked = cluster.metadataRequests - before;
      assert.ok(asked > 15 && asked <= 33, `${asked} requests in 65 s`);
      cluster.isSilent = false;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("tells brokers that cannot be reached, at most twice every two seconds", async () => {
    await bench({}, async ({ cluster, reason, detail, advance }) => {
      await advance(10_000);
      cluster.metadataError = unreachable;
      const before = cluster.metadataRequests;
      await advance(soonMs);
      assert.equal(reason(), "unavailable");
      assert.match(detail(), /^Broker "b:9092" cannot be reached: .*security_protocol/);
      await advance(55_000);
      assert.ok(cluster.metadataRequests - before <= 62);
      cluster.metadataError = undefined;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("one broker that is away is nothing where another answers", async () => {
    await bench({}, async ({ cluster, reason, advance, clock }) => {
      await advance(10_000);
      cluster.nextMetadataError = unreachable;
      for (let passed = 0; passed < soonMs; passed += 100) {
        await clock.advance(100);
        assert.equal(reason(), "ok");
      }
      assert.equal(cluster.nextMetadataError, undefined);
    });
  });

  it("tells a refused password and says which keys, and its end", async () => {
    await bench({}, async ({ cluster, reason, detail, advance }) => {
      cluster.metadataError = named("WrongPassword", "secret");
      await advance(soonMs);
      assert.equal(reason(), "unauthorized");
      assert.match(detail(), /mq\.kafka\.sasl_password .*KAFKA_SASL_PASSWORD/);
      assert.doesNotMatch(detail(), /secret/);
      cluster.metadataError = undefined;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("tells a missing topic where it is not made, until somebody makes it", async () => {
    await bench({ topicPolicy: "validate" }, async ({ cluster, reason, detail, advance }) => {
      cluster.topicError = 3;
      await advance(soonMs);
      assert.equal(reason(), "unknown_topic");
      assert.match(detail(), /Topic "t" does not exist: make it, or set mq\.topics to ensure/);
      assert.deepEqual(cluster.created, []);
      cluster.topicError = 0;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("never: does not look for a topic before it is published to", async () => {
    await bench({ topicPolicy: "never" }, async ({ cluster, log, reason, advance }) => {
      cluster.topicError = 3;
      await advance(soonMs);
      assert.equal(reason(), "ok");
      const published = assert.rejects(log.publish("t", { value: null }));
      await advance(soonMs);
      await published;
      assert.equal(reason(), "unknown_topic");
      cluster.topicError = 0;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("ensure: makes a topic that is missing at start or deleted later", async () => {
    await bench({}, async ({ cluster, reason, advance }) => {
      cluster.topicError = 3;
      await advance(soonMs);
      assert.equal(reason(), "ok");
      assert.deepEqual(cluster.created, ["t"]);
      cluster.topicError = 3;
      await advance(soonMs);
      assert.equal(reason(), "ok");
      assert.deepEqual(cluster.created, ["t", "t"]);
    });
  });

  it("names the partition that has no leader", async () => {
    await bench({}, async ({ cluster, reason, detail, advance }) => {
      await advance(soonMs);
      cluster.leaderless.add(2);
      await advance(soonMs);
      assert.equal(reason(), "unavailable");
      assert.match(detail(), /^Partition 2 of topic "t" has no leader: start/);
      cluster.leaderless.clear();
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("tells a missing right to see the topic, and one to write to it", async () => {
    await bench({}, async ({ cluster, reason, detail, advance }) => {
      cluster.topicError = 29;
      cluster.noPartitionError = 29;
      await advance(soonMs);
      assert.equal(reason(), "unauthorized");
      assert.match(detail(), /topic "t" .*Describe and Write/);
      cluster.topicError = 0;
      await advance(soonMs);
      assert.equal(reason(), "unauthorized");
      assert.match(detail(), /No right to write to topic "t": grant its user Write/);
      cluster.noPartitionError = 3;
      await advance(soonMs);
      assert.equal(reason(), "ok");
    });
  });

  it("tells that publishing was refused, until the right is there again", async () => {
    await bench({}, async ({ cluster, log, reason, advance }) => {
      await advance(soonMs);
      assert.equal(reason(), "ok");
      cluster.noPartitionError = 29;
      await advance(soonMs);
      assert.equal(reason(), "ok", "nobody asks every time");
      cluster.answers.push(() => Promise.reject(new KafkaProtocolError(29, "Produce")));
      const refused = assert.rejects(log.publish("t", { value: null }));
      await advance(100);
      await refused;
      for (let passed = 0; passed < 60_000; passed += soonMs) {
        await advance(soonMs);
        assert.equal(reason(), "unauthorized");
      }
      cluster.noPartitionError = 3;
      await advance(soonMs);
      assert.equal(reason(), "ok", "without another record");
    });
  });

  it("tells replicas that are out of sync while records wait for them", async () => {
    await bench({}, async ({ cluster, log, reason, detail, advance }) => {
      const refuse = () => Promise.reject(new KafkaProtocolError(19, "Produce"));
      cluster.answers.push(...Array(8).fill(refuse));
      const published = log.publish("t", { key: "k", value: null });
      await advance(500);
      assert.equal(reason(), "unavailable");
      assert.match(detail(), /topic "t" \(error code 19, NOT_ENOUGH_REPLICAS\): .*replicas/);
      await advance(60_000);
      await published;
      assert.equal(reason(), "ok");
    });
  });

  it("tells a write that gets no answer though the brokers answer others", async () => {
    await bench({ requestTimeoutMs: 30_000 }, async ({ cluster, log, reason, detail, advance }) => {
      await advance(soonMs);
      const answer = Promise.withResolvers<void>();
      cluster.answers.push((request) => answer.promise.then(() => cluster.append(request)));
      const published = log.publish("t", { value: null });
      await advance(4500);
      assert.equal(reason(), "ok");
      await advance(1000);
      assert.equal(reason(), "timeout");
      assert.match(detail(), /^A write to topic "t" has had no answer for \d+ ms: look/);
      answer.resolve();
      await advance(100);
      await published;
      assert.equal(reason(), "ok");
    });
  });

  it("a new topic whose leaders need a moment is no fault", async () => {
    await bench({}, async ({ cluster, clock, reason, advance }) => {
      await advance(10_000);
      cluster.nextMetadataError = new KafkaProtocolError(6, "ListOffsets");
      for (let passed = 0; passed < soonMs; passed += 100) {
        await clock.advance(100);
        assert.equal(reason(), "ok");
      }
    });
  });

  it("nobody's topic and nobody's question: no connection", async () => {
    await bench({ topics: [] }, async ({ cluster, log, advance }) => {
      await advance(10_000);
      assert.equal(cluster.metadataRequests, 0);
      log.health();
      await advance(soonMs);
      assert.equal(log.health().status, "ok");
    });
  });
});

describe("kafka health on sockets", () => {
  it("a broker that takes connections and says nothing: told in time, few connections", async () => {
    await using broker = startSilentBroker();
    const log = await openKafkaLog({ brokers: [broker.address], topics: ["t"] });
    const began = performance.now();
    while (!/no answer/.test(detailOf(log))) {
      assert.ok(performance.now() - began < soonMs);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(broker.connections <= 2, `${broker.connections} connections`);
    await log[Symbol.asyncDispose]();
    assert.equal(detailOf(log), "Log is closed");
  });
});

function detailOf(log: EventLog): string {
  const health = log.health();
  return health.status === "ok" ? "" : health.detail;
}
