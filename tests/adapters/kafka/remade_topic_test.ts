/** A topic that is deleted and made again while it is read, on a real broker. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type KafkaClientName, openDriver } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
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
import { clients } from "./both_clients.ts";
import { openKafkaAdmin } from "./kafka_admin.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const newName = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;
const valuesOf = (batch: RecordBatch | undefined): readonly string[] =>
  (batch?.records ?? []).map(({ value }) => text(value));

const otherNote = "topic-id:AAAAAAAAAAAAAAAAAAAAAQ";

if (address !== undefined) {
  const makeAgain = async (topic: string): Promise<void> => {
    await using kafka = await openKafkaAdmin(address);
    await kafka.admin.deleteTopics({ topics: [topic] });
    const isMade = () =>
      kafka.admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] })
        .catch(() => false);
    while (!await isMade()) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  for (const client of clients) {
    describe(`kafka on ${client}, a topic that is made again`, () => {
      const open = () => openKafkaLog({ brokers: [address], client, topicPolicy: "ensure" });
      /** The first group of records is read, and the topic made again; the second is published. */
      const remade = async (named: { group?: string; from?: "earliest" | "latest" }) => {
        const log = await open();
        const topic = newName("remade");
        await publishAll(log, topic, series("old", 5).map(inOnePartition));
        const reader = openReader(log, topic, { from: "earliest", ...named });
        const old = await reader.next();
        if (named.group !== undefined) await old!.commit();
        await makeAgain(topic);
        await using other = await open();
        await publishAll(other, topic, series("new", 12).map(inOnePartition));
        return { log, topic, reader, old };
      };

      for (const named of [{ group: "g" }, {}]) {
        const how = named.group === undefined ? "without a group" : "under a group";
        it(`G14 ${how}, is read from its start: nothing is passed over`, async () => {
          const group = named.group === undefined ? {} : { group: newName("remade") };
          const { log, reader, old } = await remade(group);
          const seen: string[] = [];
          while (!seen.includes("new11")) {
            const batch = await reader.next();
            seen.push(...valuesOf(batch));
            if (group.group !== undefined) await batch!.commit();
          }
          assert.deepEqual(seen, series("new", 12));
          if (group.group !== undefined) await rejectsWith("revoked", old!.commit());
          await reader.leave();
          await log[Symbol.asyncDispose]();
        });
      }

      for (
        const [whose, note, first] of [["another topic", otherNote, 0], ["unknown", "", 5]] as const
      ) {
        it(`a group's position of ${whose} is ${first === 0 ? "not " : ""}believed`, async () => {
          await using log = await open();
          const [topic, group] = [newName("position"), newName("position")];
          await publishAll(log, topic, series("v", 12).map(inOnePartition));
          await storePosition({ client, group, topic, position: 5n, note });
          const reader = openReader(log, topic, { group, from: "latest" });
          const records = await reader.take(12 - first);
          assert.deepEqual(records.map(({ value }) => text(value)), series("v", 12).slice(first));
          await reader.leave();
        });
      }

      it("while it is read to its end, ends the subscription with unknown_topic", async () => {
        await using log = await open();
        const topic = newName("remade");
        const large = { key: "k", value: new Uint8Array(300_000) };
        await publishAll(log, topic, Array.from({ length: 10 }, () => large));
        const reader = openReader(log, topic, { from: "earliest", until: "end", maxRecords: 1 });
        await reader.next();
        await makeAgain(topic);
        const rest = async (): Promise<void> => {
          while (await reader.next() !== undefined);
        };
        await rejectsWith("unknown_topic", within("the end", rest()));
      });
    });
  }
}

interface StoreOptions {
  readonly client: KafkaClientName;
  readonly group: string;
  readonly topic: string;
  readonly position: bigint;
  readonly note: string;
}

/** As a member of the group has left it. */
async function storePosition({ client, group, topic, position, note }: StoreOptions) {
  const driver = await openDriver(
    { brokers: [address!], client },
    { connectTimeoutMs: 5000, requestTimeoutMs: 10_000, clock: systemClock },
  );
  const connections = driver.connect();
  const positions = new Map([[0, position]]);
  const nobody = { group, memberId: "", generation: -1 };
  const store = async (): Promise<void> => {
    const node = await connections.findCoordinator(group);
    await connections.commitOffset(node, { ...nobody, topic, positions, note });
  };
  // A broker that has just started is still making the topic of positions.
  const isStored = () => store().then(() => true, () => false);
  while (!await isStored()) await new Promise((resolve) => setTimeout(resolve, 50));
  connections.close();
}
