/** What only a real broker shows. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type KafkaClientName, openDriver } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import {
  bytes,
  inOnePartition,
  publishAll,
  readAll,
  rejectsWith,
  series,
  text,
  within,
} from "../../contracts/law.ts";
import { openReader } from "../../contracts/reader.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";
import { openKafkaAdmin } from "./kafka_admin.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const newName = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

if (address !== undefined) {
  const open = (client: KafkaClientName, partitions = 1) =>
    openKafkaLog({ brokers: [address], client, partitions });
  for (const client of clients) {
    describe(`kafka on ${client}, on a real broker`, () => {
      it("until end does not wait for control records, and aborted records are not handed out", async () => {
        await using log = await open(client);
        await using kafka = await openKafkaAdmin(address);
        const topic = newName("transactions");
        await publishAll(log, topic, [inOnePartition("plain")]);
        await kafka.publishInTransactions(topic, [["a", true], ["b", false], ["c", true], [
          "d",
          false,
        ]]);
        const group = newName("transactions");
        const read = async (named: { group?: string }): Promise<readonly string[]> => {
          const values: string[] = [];
          for await (
            const batch of log.subscribe(topic, { ...named, from: "earliest", until: "end" })
          ) {
            values.push(...batch.records.map(({ value }) => text(value)));
            if (named.group !== undefined) await batch.commit();
          }
          return values;
        };
        assert.deepEqual(await within("reading alone", read({})), ["plain", "a", "c"]);
        assert.deepEqual(await within("reading in a group", read({ group })), ["plain", "a", "c"]);
        assert.deepEqual(await within("reading again", read({ group })), []);
      });

      it("a member that was removed from its group has its commit refused with revoked", async () => {
        await using log = await open(client);
        await using kafka = await openKafkaAdmin(address);
        const [topic, group] = [newName("fenced"), newName("fenced")];
        await publishAll(log, topic, series("v", 10).map(inOnePartition));
        const first = openReader(log, topic, { group, from: "earliest", maxRecords: 5 });
        const stale = await first.next();
        assert.ok(stale);
        const described = await kafka.admin.describeGroups([group]);
        await removeMember(address, group, described.groups[0]!.members[0]!.memberId);
        await using other = await open(client);
        const second = openReader(other, topic, { group, from: "earliest", maxRecords: 5 });
        const theirs = await second.next();
        assert.deepEqual(valuesOf(theirs), series("v", 5), "from the committed position");
        await theirs!.commit();
        await rejectsWith("revoked", stale.commit());
        await Promise.all([first.leave(), second.leave()]);
        const offsets = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] });
        assert.equal(offsets[0]?.partitions[0]?.offset, "5");
      });

      it("a record over the topic's own limit is refused alone, its neighbours keep their order", async () => {
        await using kafka = await openKafkaAdmin(address);
        await using log = await open(client);
        const topic = newName("small-limit");
        const configEntries = [{ name: "max.message.bytes", value: "5000" }];
        await kafka.admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
        const values = series("v", 300);
        const large = { key: "k", value: new Uint8Array(20_000) };
        const sent = values.slice(0, 150).map((value) => log.publish(topic, inOnePartition(value)));
        const refused = rejectsWith("too_large", log.publish(topic, large));
        sent.push(...values.slice(150).map((value) => log.publish(topic, inOnePartition(value))));
        await within("publishing", Promise.all([refused, ...sent]));
        assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), values);
      });

      it("a topic that is deleted is made again for the next record; others are not touched", async () => {
        await using kafka = await openKafkaAdmin(address);
        await using log = await open(client);
        const [doomed, other] = [newName("doomed"), newName("other")];
        await publishAll(log, doomed, [inOnePartition("old")]);
        await publishAll(log, other, [inOnePartition("0")]);
        await kafka.admin.deleteTopics({ topics: [doomed] });
        await within(
          "publishing",
          Promise.all([
            log.publish(doomed, inOnePartition("new")),
            log.publish(other, inOnePartition("1")),
            log.publish(newName("third"), inOnePartition("2")),
          ]),
        );
        assert.deepEqual((await readAll(log, doomed)).map(({ value }) => text(value)), ["new"]);
        assert.deepEqual((await readAll(log, other)).map(({ value }) => text(value)), ["0", "1"]);
      });

      it("a subscription whose topic is deleted ends with unknown_topic", async () => {
        await using kafka = await openKafkaAdmin(address);
        await using log = await open(client);
        const topic = newName("deleted");
        await publishAll(log, topic, [inOnePartition("v")]);
        const reader = openReader(log, topic, { from: "earliest" });
        await reader.take(1);
        const next = rejectsWith("unknown_topic", reader.next());
        await kafka.admin.deleteTopics({ topics: [topic] });
        await next;
      });
    });
  }

  describe("kafka, on a real broker", () => {
    it("reading without a group leaves no group behind", async () => {
      await using log = await open("kafkajs");
      await using kafka = await openKafkaAdmin(address);
      const topic = newName("no-trace");
      await publishAll(log, topic, [inOnePartition("v")]);
      const groups = async (): Promise<readonly string[]> =>
        (await kafka.admin.listGroups()).groups.map(({ groupId }) => groupId);
      const before = await groups();
      const reader = openReader(log, topic, { from: "earliest" });
      await reader.take(1);
      const during = await groups();
      await reader.leave();
      const fresh = [...during, ...await groups()].filter((group) => !before.includes(group));
      assert.deepEqual(fresh.filter((group) => group.includes("no-trace")), []);
    });

    it("a member that comes back goes on where its successor has stopped", async () => {
      await using log = await open("kafkajs");
      await using kafka = await openKafkaAdmin(address);
      const [topic, group] = [newName("back"), newName("back")];
      const memberIds = async (): Promise<readonly string[]> =>
        (await kafka.admin.describeGroups([group])).groups[0]!.members.map((each) => each.memberId);
      await publishAll(log, topic, series("v", 10).map(inOnePartition));
      const first = openReader(log, topic, { group, from: "earliest", maxRecords: 5 });
      const stale = await first.next();
      assert.ok(stale);
      const [removed] = await memberIds();
      await removeMember(address, group, removed!);
      await using other = await open("kafkajs");
      const second = openReader(other, topic, { group, from: "earliest" });
      await second.take(10, (batch) => batch.commit());
      await second.leave();
      await within("coming back", isSoon(async () => (await memberIds()).length === 1));
      await publishAll(log, topic, [inOnePartition("later")]);
      const next = await first.next();
      assert.deepEqual(valuesOf(next), ["later"]);
      await rejectsWith("revoked", stale.commit());
      await next!.commit();
      await first.leave();
      const offsets = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] });
      assert.equal(offsets[0]?.partitions[0]?.offset, "11");
    });

    it("members on both clients join and leave during the flow: none is lost, hardly one is read twice", async () => {
      const [topic, group] = [newName("flow"), newName("flow")];
      await using publisher = await open("kafkajs", 4);
      await publishAll(publisher, topic, [inOnePartition("first")]);
      const count = 1500;
      const seen: string[] = [];
      const stop = new AbortController();
      const member = async (client: KafkaClientName, batches: number): Promise<void> => {
        await using log = await open(client);
        for await (
          const batch of log.subscribe(topic, {
            group,
            from: "earliest",
            maxRecords: 20,
            signal: stop.signal,
          })
        ) {
          seen.push(...valuesOf(batch));
          await batch.commit().catch((error) => assert.equal(error.code, "revoked"));
          if (new Set(seen).size === count + 1) stop.abort();
          if (--batches === 0) return;
        }
      };
      const staying = member("kafkajs", Infinity);
      const passing = (async () => {
        for (let turn = 0; !stop.signal.aborted; turn++) {
          await member(clients[turn % clients.length]!, 5);
        }
      })();
      for (let sent = 0; sent < count; sent += 50) {
        await publishAll(
          publisher,
          topic,
          series("v", 50).map((_, n) => ({ key: `${n % 16}`, value: bytes(`${sent + n}`) })),
        );
      }
      await within("reading all", Promise.all([staying, passing]), 60_000);
      assert.equal(new Set(seen).size, count + 1);
      assert.ok(seen.length <= (count + 1) * 1.05, `${seen.length} reads of ${count + 1} records`);
    });

    it("a member keeps what it has handed out through a rebalance: its commit holds", async () => {
      const [topic, group] = [newName("kept"), newName("kept")];
      await using log = await open("kafkajs", 2);
      await publishAll(log, topic, [inOnePartition("v")]);
      const first = openReader(log, topic, { group, from: "earliest" });
      const batch = await first.next();
      assert.ok(batch);
      const second = openReader(log, topic, { group, from: "earliest" });
      const joined = second.ready();
      await batch.commit();
      await joined;
      await Promise.all([first.leave(), second.leave()]);
      assert.equal(await openReader(log, topic, { group, until: "end" }).next(), undefined);
    });

    it("partitions that are added are read from their start", async () => {
      await using kafka = await openKafkaAdmin(address);
      await using log = await open("kafkajs");
      const topic = newName("grown");
      await publishAll(log, topic, [inOnePartition("old")]);
      await kafka.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
      await using fresh = await open("kafkajs");
      const records = series("k", 30).map((key) => ({ key, value: bytes(key) }));
      const reports = await publishAll(fresh, topic, records);
      assert.equal(new Set(reports.map(({ partition }) => partition)).size, 3);
      assert.equal((await readAll(log, topic)).length, 31);
    });
  });
}

const valuesOf = (batch: RecordBatch | undefined): readonly string[] =>
  (batch?.records ?? []).map(({ value }) => text(value));

/** Resolves when `condition` holds, asked again and again. */
async function isSoon(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Makes the coordinator forget a member, as after a long pause of its process. */
async function removeMember(broker: string, group: string, memberId: string): Promise<void> {
  const driver = await openDriver(
    { brokers: [broker], clientId: "test" },
    { connectTimeoutMs: 5000, requestTimeoutMs: 10_000, clock: systemClock },
  );
  const connections = driver.connect();
  const node = await connections.findCoordinator(group);
  await connections.leaveGroup(node, { group, memberId, generation: 0 });
  connections.close();
}
