/** What a real broker refuses, or holds back, is told with what to do. */
import { describe, it } from "@std/testing/bdd";
import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from "kafkajs";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { readTopicExtent } from "../../../adapters/queue/kafka/topic_extent.ts";
import { tryTopic } from "../../../adapters/queue/kafka/try_topic.ts";
import {
  inOnePartition,
  publishAll,
  rejectsWith,
  series,
  text,
  within,
} from "../../contracts/law.ts";
import { openReader } from "../../contracts/reader.ts";
import { requireService } from "../../services/require_service.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";
import { clients } from "./both_clients.ts";
import { openKafkaAdmin } from "./kafka_admin.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const newName = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

if (address !== undefined) {
  for (const client of clients) {
    const open = (options: { client: KafkaClientName; topics?: readonly string[] } = { client }) =>
      openKafkaLog({ brokers: [address], ...options });
    const cluster = { brokers: [address], client };

    describe(`kafka on ${client}, refused by a real broker`, () => {
      it("a group whose members divide partitions otherwise is told, and not waited for", async () => {
        await using log = await open();
        const [topic, group] = [newName("others"), newName("others")];
        await publishAll(log, topic, [inOnePartition("v")]);
        const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
        const consumer = kafka.consumer({
          groupId: group,
          partitionAssigners: [otherAssigner],
          maxWaitTimeInMs: 300,
        });
        const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
        await consumer.connect();
        await consumer.subscribe({ topics: [topic] });
        await consumer.run({ eachMessage: () => Promise.resolve() });
        await within("joining", joined);
        const subscription = log.subscribe(topic, { group, from: "earliest" });
        const error = await rejectsWith("group_active", within("an answer", subscription.ready));
        assert.match(
          error.message,
          /is held by another program, "kafkajs-\S+ at 127\.0\.0\.1" \(of 1\), which divides partitions by "AnotherAssigner"/,
        );
        await consumer.disconnect();
      });

      it("a topic that differs from another only in . and _ is told, and its events wait", async () => {
        const stem = newName("coll").replaceAll("-", "");
        await using kafka = await openKafkaAdmin(address);
        await kafka.admin.createTopics({ topics: [{ topic: `${stem}_a`, numPartitions: 1 }] });
        const topic = `${stem}.a`;
        const tried = await rejectsWith("unavailable", tryTopic(cluster, topic));
        assert.match(tried.message, /INVALID_TOPIC_EXCEPTION\): .*a\.b beside a_b/);
        await using log = await open({ client, topics: [topic] });
        const sent = log.publish(topic, inOnePartition("v"));
        const detail = (): string => {
          const health = log.health();
          return health.status === "ok" ? "" : health.detail;
        };
        await within(
          "the reason",
          isSoon(() =>
            /error code 17, INVALID_TOPIC_EXCEPTION\): .*a\.b beside a_b/.test(detail())
          ),
        );
        await kafka.admin.deleteTopics({ topics: [`${stem}_a`] });
        await within("publishing", sent);
      });

      it("records that retention took before they were read are counted, and told with their number", async () => {
        using logs = collectLogs();
        const telemetry = createRecordingTelemetry();
        await using kafka = await openKafkaAdmin(address);
        await using log = await openKafkaLog({ ...cluster, telemetry });
        const [topic, group] = [newName("gone"), newName("gone")];
        await publishAll(log, topic, series("v", 10).map(inOnePartition));
        const first = openReader(log, topic, { group, from: "earliest", maxRecords: 2 });
        await first.takes(series("v", 2), (batch) => batch.commit());
        await first.leave();
        // Else kafkajs does not know the topic.
        await kafka.admin.fetchTopicOffsets(topic);
        await kafka.admin.deleteTopicRecords({
          topic,
          partitions: [{ partition: 0, offset: "7" }],
        });
        const second = openReader(log, topic, { group, from: "earliest" });
        await second.takes(series("v", 10).slice(7));
        await second.leave();
        assert.equal(telemetry.counters[`shelfcast.kafka.records_gone{topic=${topic}}`], 5);
        const told = logs.lines.filter(({ properties }) => properties.gone === "5");
        assert.equal(told.length, 1);
      });

      it("what would keep a topic from being made is found without making it", async () => {
        await using kafka = await openKafkaAdmin(address);
        const topic = newName("tried");
        await tryTopic(cluster, topic);
        const tooMany = tryTopic({ ...cluster, replication: 30 }, topic);
        const error = await rejectsWith("unavailable", tooMany);
        assert.match(error.message, /INVALID_REPLICATION_FACTOR\): .*lower mq\.replication/);
        assert.ok(!(await kafka.admin.listTopics()).includes(topic));
      });

      it("records behind an open transaction are counted, and a reader to the end is not silent", async () => {
        await using log = await open();
        const topic = newName("held");
        await publishAll(log, topic, series("v", 3).map(inOnePartition));
        const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
        const producer = kafka.producer({
          transactionalId: topic,
          idempotent: true,
          maxInFlightRequests: 1,
        });
        await producer.connect();
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: "theirs", partition: 0 }] });
        await publishAll(log, topic, series("w", 4).map(inOnePartition));
        const extents = async () => await readTopicExtent({ brokers: [address], client }, topic);
        const [held] = await extents();
        assert.deepEqual([held?.end, held?.heldBack], [3n, 5n]);
        using logged = collectLogs();
        const reader = openReader(log, topic, { from: "earliest", until: "end" });
        const read = await reader.take(3);
        await reader.ends();
        const said = logged.lines.map(({ message }) => message.join(""));
        assert.deepEqual(
          said.map((line) => /(\d+) offsets .* behind somebody's open transaction/.exec(line)?.[1]),
          ["5"],
        );
        assert.deepEqual(read.map(({ value }) => text(value)), series("v", 3));
        await transaction.abort();
        await producer.disconnect();
        const isFree = async () => (await extents())[0]?.heldBack === undefined;
        while (!await isFree()) await new Promise((resolve) => setTimeout(resolve, 50));
        await reader.leave();
      });
    });
  }
}

/** Resolves when `condition` holds, asked again and again. */
async function isSoon(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

const otherAssigner: PartitionAssigner = () => ({
  name: "AnotherAssigner",
  version: 0,
  assign: () => Promise.resolve([]),
  protocol: ({ topics }) => ({
    name: "AnotherAssigner",
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: 0,
      topics: [...topics],
      userData: Buffer.alloc(0),
    }),
  }),
});
