/** An outage that is longer than the topic keeps records is told before they are sent. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";
import { named } from "./fake_driver.ts";
import { openPublisher } from "./publisher_bench.ts";

const dayMs = 86_400_000;

describe("records that wait longer than their topic keeps any", () => {
  const open = (config?: Readonly<Record<string, string>>) => {
    const telemetry = createRecordingTelemetry();
    const opened = openPublisher({ topics: ["t"], telemetry, deliveryTimeoutMs: Infinity });
    opened.cluster.topicConfig = config;
    const { log, clock } = opened;
    log.health();
    const step = async (ms: number): Promise<string> => {
      for (let turn = 0; turn < 10; turn++) await clock.advance(ms / 10);
      const health = log.health();
      return health.status === "ok" ? "ok" : health.detail;
    };
    return { ...opened, telemetry, step };
  };

  it("are told while the brokers are away, and counted when they have gone", async () => {
    const { cluster, publish, outcomes, telemetry, step, close } = open({
      "retention.ms": "90000",
    });
    assert.equal(await step(5000), "ok");
    cluster.metadataError = named("ConnectionLost");
    cluster.answers.push(...Array(200).fill(() => Promise.reject(named("ConnectionLost"))));
    publish("0");
    assert.match(await step(10_000), /ends connections/);
    assert.match(
      await step(100_000),
      /ends connections.*; and: Events for topic "t" wait since .*retention\.ms is 90000/,
    );
    cluster.metadataError = undefined;
    cluster.answers.length = 0;
    assert.match(await step(20_000), /^1 events were older than topic "t" keeps records/);
    assert.deepEqual(outcomes, ["0 ok"]);
    assert.equal(telemetry.counters["shelfcast.kafka.records_past_retention{topic=t}"], 1);
    assert.equal(await step(120_000), "ok");
    await close();
  });

  it("are no matter where the topic keeps them, or nobody may ask", async () => {
    for (
      const config of [{ "retention.ms": "-1" }, {
        "cleanup.policy": "compact",
        "retention.ms": "1",
      }, undefined]
    ) {
      const { cluster, clock, log, step, close } = open(config);
      await step(5000);
      const old = { value: new Uint8Array(1), timestamp: clock.now() - 9 * dayMs };
      const sent = log.publish("t", old);
      assert.equal(await step(10_000), "ok");
      await sent;
      assert.equal(cluster.appended.get(0)?.length, 1);
      await close();
    }
  });

  it("that would be sent first after a start are told before that, too", async () => {
    const { cluster, clock, log, telemetry, step, close } = open({ "retention.ms": "5000" });
    const old = { value: new Uint8Array(1), timestamp: clock.now() - dayMs };
    await Promise.all([log.publish("t", old), step(10_000)]);
    assert.equal(cluster.appended.get(0)?.length, 1);
    assert.match(await step(1000), /^1 events were older/);
    assert.equal(telemetry.counters["shelfcast.kafka.records_past_retention{topic=t}"], 1);
    await close();
  });
});
