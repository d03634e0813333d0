/** A time that the broker does not take is never the record's fault. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Produced } from "../../../adapters/queue/kafka/driver/driver.ts";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import type { ReadProduce } from "./fake_driver.ts";
import { openPublisher, record, text } from "./publisher_bench.ts";

const hourMs = 3_600_000;

/** A broker whose clock is `aheadMs` before ours. */
function openStrict(window: { oldestMs: number; newestMs: number; aheadMs?: number }) {
  const opened = openPublisher();
  const { cluster, clock } = opened;
  let refusals = 0;
  const strict = (request: ReadProduce): Promise<Produced> => {
    cluster.answers.push(strict);
    const now = clock.now() + (window.aheadMs ?? 0);
    const isRefused = request.records.some(({ timestamp }) =>
      now - timestamp > window.oldestMs || timestamp - now > window.newestMs
    );
    if (!isRefused) return cluster.append(request);
    refusals++;
    return Promise.reject(new KafkaProtocolError(32, "Produce"));
  };
  cluster.answers.push(strict);
  return {
    ...opened,
    refusals: () => refusals,
    async publish(...timestamps: readonly number[]) {
      const sent = timestamps.map((timestamp, n) =>
        opened.log.publish("t", { ...record(`${n}`), timestamp })
      );
      for (let turn = 0; turn < 60; turn++) await clock.advance(1000);
      const reports = await Promise.all(sent);
      cluster.answers.length = 0;
      await opened.close();
      const stored = cluster.appended.get(0) ?? [];
      assert.deepEqual(stored.map(({ value }) => text(value)), timestamps.map((_, n) => `${n}`));
      assert.deepEqual(stored.map((each) => each.timestamp), reports.map((each) => each.timestamp));
      return stored.map(({ timestamp, headers }) => ({
        timestamp,
        original: headers.filter(([name]) => name === "original-timestamp")
          .map(([, value]) => text(value)),
      }));
    },
  };
}

describe("a time that the broker refuses", () => {
  for (const config of ["that may be read", "that may not be read"]) {
    it(`too old or too new, with settings ${config}: goes with now, its own in a header`, async () => {
      const broker = openStrict({ oldestMs: 3000, newestMs: hourMs });
      if (config === "that may be read") {
        broker.cluster.topicConfig = {
          "message.timestamp.before.max.ms": "3000",
          "message.timestamp.after.max.ms": `${hourMs}`,
        };
      }
      const now = broker.clock.now();
      const [old, good, late] = await broker.publish(now - 6000, now, now + 2 * hourMs);
      assert.deepEqual(old!.original, [`${now - 6000}`]);
      assert.deepEqual(late!.original, [`${now + 2 * hourMs}`]);
      assert.deepEqual(good, { timestamp: now, original: [] });
    });
  }

  it("of a whole backlog: costs one refusal where the settings may be read", async () => {
    const broker = openStrict({ oldestMs: 3000, newestMs: hourMs });
    broker.cluster.topicConfig = { "message.timestamp.before.max.ms": "3000" };
    const now = broker.clock.now();
    const times = Array.from({ length: 500 }, (_, n) => now - 100_000 + n);
    const stored = await broker.publish(...times);
    assert.deepEqual(stored.map(({ original }) => original), times.map((time) => [`${time}`]));
    assert.equal(broker.refusals(), 1);
  });

  for (const [whose, aheadMs] of [["ahead of", 25 * hourMs], ["behind", -26 * hourMs]] as const) {
    it(`by a clock that is far ${whose} ours: others are tried until one is taken`, async () => {
      const broker = openStrict({ oldestMs: 24 * hourMs, newestMs: hourMs, aheadMs });
      const now = broker.clock.now();
      const stored = await broker.publish(now, now + 1, now + 2);
      assert.deepEqual(
        stored.map(({ original }) => original),
        [now, now + 1, now + 2].map((t) => [`${t}`]),
      );
    });
  }

  it("always: the record waits, and is never given up as invalid", async () => {
    const { cluster, clock, publish, outcomes, close } = openPublisher({
      deliveryTimeoutMs: 20_000,
    });
    cluster.answers.push(
      ...Array(500).fill(() => Promise.reject(new KafkaProtocolError(32, "Produce"))),
    );
    publish("0");
    for (let turn = 0; turn < 19; turn++) await clock.advance(1000);
    assert.deepEqual(outcomes, []);
    await clock.advance(2000);
    assert.deepEqual(outcomes, ["0 timeout"]);
    cluster.answers.length = 0;
    await close();
  });

  it("once more, of a record that was published again: the first time stays the own one", async () => {
    const broker = openStrict({ oldestMs: 3000, newestMs: hourMs });
    const now = broker.clock.now();
    const headers = [["original-timestamp", new TextEncoder().encode("7")] as const];
    const sent = broker.log.publish("t", { ...record("0"), timestamp: now - 10_000, headers });
    await broker.clock.advance(1000);
    await sent;
    const stored = broker.cluster.appended.get(0)?.[0]?.headers.map(([n, v]) => [n, text(v)]);
    assert.deepEqual(stored, [["original-timestamp", "7"]]);
    broker.cluster.answers.length = 0;
    await broker.close();
  });
});
