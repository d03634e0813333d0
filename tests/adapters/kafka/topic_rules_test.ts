/** What a topic's own settings do to records, on a real broker. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openDriver } from "../../../adapters/queue/kafka/clients.ts";
import { readTopicRules } from "../../../adapters/queue/kafka/cluster/topic_rules.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { readAll, series, text } from "../../contracts/law.ts";
import { inOnePartition, publishAll } from "../../contracts/law.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";
import { openKafkaAdmin } from "./kafka_admin.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");

if (address !== undefined) {
  const makeTopic = async (config: Readonly<Record<string, string>>): Promise<string> => {
    await using kafka = await openKafkaAdmin(address);
    const topic = `rules-${crypto.randomUUID().slice(0, 8)}`;
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await kafka.admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }],
    });
    return topic;
  };

  for (const client of clients) {
    describe(`kafka on ${client}, a topic's settings`, () => {
      const hourMs = 3_600_000;
      const windows = [
        ["message.timestamp.before.max.ms", "3000", -6000],
        ["message.timestamp.after.max.ms", "3000", 2 * hourMs],
      ] as const;
      for (const [name, value, shiftMs] of windows) {
        it(`${name}: a backlog outside of it arrives whole, in order, with its own times in a header`, async () => {
          const topic = await makeTopic({ [name]: value });
          await using log = await openKafkaLog({ brokers: [address], client });
          const now = Date.now();
          const times = series("v", 5).map((_, n) => now + shiftMs + n);
          const reports = await publishAll(
            log,
            topic,
            series("v", 5).map((each, n) => ({ ...inOnePartition(each), timestamp: times[n]! })),
          );
          const stored = await readAll(log, topic);
          assert.deepEqual(stored.map((each) => text(each.value)), series("v", 5));
          assert.deepEqual(
            stored.map(({ headers }) => headers.map(([key, own]) => [key, text(own)])),
            times.map((time) => [["original-timestamp", `${time}`]]),
          );
          assert.deepEqual(
            stored.map((each) => each.timestamp),
            reports.map((each) => each.timestamp),
          );
          assert.ok(stored.every(({ timestamp }) => Math.abs(timestamp - now) < 30_000));
        });
      }

      it("LogAppendTime: any time is taken, and the report tells the broker's", async () => {
        const topic = await makeTopic({ "message.timestamp.type": "LogAppendTime" });
        await using log = await openKafkaLog({ brokers: [address], client });
        const old = { ...inOnePartition("v"), timestamp: 1000 };
        const report = await log.publish(topic, old);
        const [stored] = await readAll(log, topic);
        assert.ok(Math.abs(stored!.timestamp - Date.now()) < 30_000);
        assert.deepEqual([stored!.timestamp, stored!.headers], [report.timestamp, []]);
      });

      it("are read as the broker has them", async () => {
        const topic = await makeTopic({
          "retention.ms": "5000",
          "retention.bytes": "1000000",
          "cleanup.policy": "compact,delete",
          "message.timestamp.type": "LogAppendTime",
          "message.timestamp.before.max.ms": "3000",
          "message.timestamp.after.max.ms": "4000",
        });
        const plain = await makeTopic({ "retention.ms": "-1" });
        const compact = await makeTopic({ "cleanup.policy": "compact" });
        const driver = await openDriver(
          { brokers: [address], client },
          { connectTimeoutMs: 5000, requestTimeoutMs: 10_000, clock: systemClock },
        );
        const connections = driver.connect();
        const read = (name: string) => readTopicRules(connections, systemClock, name, 10_000);
        assert.deepEqual(await read(topic), {
          retentionMs: 5000,
          retentionBytes: 1_000_000,
          oldestMs: 3000,
          newestMs: 4000,
          isCompacted: true,
          givesTimes: true,
        });
        // Kafka's own default since 4.0; before, there was none.
        const newestMs = hourMs;
        const defaults = { isCompacted: false, givesTimes: false };
        const { newestMs: found = newestMs, ...rest } = await read(plain);
        assert.deepEqual([rest, found], [defaults, newestMs]);
        const { newestMs: _, ...compacted } = await read(compact);
        assert.deepEqual(compacted, { ...defaults, isCompacted: true });
        connections.close();
      });
    });
  }
}
