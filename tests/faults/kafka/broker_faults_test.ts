/**
 * What happens to real brokers, in front of the real shop: nothing accepted is missing, and nothing
 * goes to the dead letters.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import type { EventRecord } from "../../../src/ports/event_record.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { openKafkaAdmin } from "../../adapters/kafka/kafka_admin.ts";
import { isFull } from "../campaign.ts";
import { deadLettersOf, headerOf, publishBeside } from "./buffer_contents.ts";
import { assertKept, openShopUnderFault, type ShopUnderFault } from "./shop_under_fault.ts";
import { startKafka, type TestKafka } from "./test_kafka.ts";
import { readTopic } from "./topic_contents.ts";

const ratePerSecond = 32;
const recoveryMs = 60_000;

/**
 * A shop for each client, searched before, during and after something happens to their broker; then
 * the ledger is judged.
 */
async function goThrough(
  kafka: TestKafka,
  title: string,
  happen: (shops: readonly ShopUnderFault[]) => Promise<void>,
  { deadLetters = 0, replication = 0 } = {},
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const shops = await Promise.all(
    clients.map(async (client) =>
      stack.use(await openShopUnderFault({ ...kafka, client, ratePerSecond, replication }))
    ),
  );
  await searched(shops, 1);
  await happen(shops);
  await searched(shops, 1);
  for (const [index, shop] of shops.entries()) {
    const verdict = await shop.conclude(`${title}, ${clients[index]}`, recoveryMs);
    assertKept(shop.load, verdict);
    assert.equal((await deadLettersOf(shop.folder, shop.topic)).length, deadLetters);
  }
}

/** Resolves when each shop has answered as many more searches as it does in so many seconds. */
async function searched(shops: readonly ShopUnderFault[], seconds: number): Promise<void> {
  await Promise.all(shops.map(({ load }) => load.answers(ratePerSecond * seconds)));
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const series = (count: number, key: string): readonly EventRecord[] =>
  Array.from({ length: count }, (_, n) => ({ key, value: bytes(`${n}`) }));

/** Between "everything is delivered" and the first search after it. */
async function whileQuiet(shop: ShopUnderFault, happen: () => Promise<void>): Promise<void> {
  await shop.load.rest();
  await shop.drained(recoveryMs);
  await happen();
  shop.load.go();
}

if (isFull) {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(async () => await kafka[Symbol.asyncDispose]());

  describe("kafka, one real broker", () => {
    it("O1 O3 O8 frozen for 20 s: everything arrives when it goes on", () =>
      goThrough(kafka, "broker frozen for 20 s", async (shops) => {
        await kafka.signal(1, "SIGSTOP");
        await searched(shops, 20);
        await kafka.signal(1, "SIGCONT");
      }));

    it("O1 O3 O8 killed and started again: everything arrives", () =>
      goThrough(kafka, "broker killed", async (shops) => {
        await kafka.signal(1, "SIGKILL");
        await searched(shops, 2);
        await kafka.restart(1);
      }));

    it("O3 O8 its topic deleted: the topic is made again, and what comes then arrives", () =>
      goThrough(kafka, "topic deleted", async (shops) => {
        await using second = await openKafkaAdmin(kafka.inner);
        for (const shop of shops) {
          await whileQuiet(shop, async () => {
            await shop.remember();
            await second.admin.deleteTopics({ topics: [shop.topic] });
          });
        }
        await searched(shops, 2);
      }));

    it("O8 a record over max.message.bytes is the one dead letter; its neighbours arrive in order", () =>
      goThrough(kafka, "record too large", async (shops) => {
        for (const { topic, folder } of shops) {
          const limit = ["--add-config", "max.message.bytes=20000"];
          await kafka.configure(
            "--alter",
            ...limit,
            "--entity-type",
            "topics",
            "--entity-name",
            topic,
          );
          const large = { key: "n", value: new Uint8Array(50_000) };
          await publishBeside(folder, topic, [...series(50, "n"), large, ...series(50, "n")]);
        }
        await searched(shops, 2);
        for (const { topic, folder } of shops) {
          const [letter] = await deadLettersOf(folder, topic);
          assert.ok(letter !== undefined && headerOf(letter, "dlq-reason") === "too_large");
          assert.equal(letter.value?.length, 50_000);
        }
      }, { deadLetters: 1 }));

    it("O8 a clock two hours ahead: the record arrives with its time in a header, its neighbours in order", () =>
      goThrough(kafka, "clock two hours ahead", async (shops) => {
        const timestamp = Date.now() + 2 * 3_600_000;
        for (const { topic, folder } of shops) {
          const ahead = series(1, "ahead").map((record) => ({ ...record, timestamp }));
          await publishBeside(folder, topic, [...series(20, "n"), ...ahead, ...series(20, "n")]);
        }
        await searched(shops, 2);
        for (const { topic } of shops) {
          const stored = await readTopic(kafka.inner, topic);
          const found = stored.filter(({ key }) => key === "ahead");
          assert.deepEqual(found.map(({ headers }) => headers), [
            `original-timestamp=${timestamp}`,
          ]);
          assert.equal(stored.filter(({ key }) => key === "n").length, 40);
        }
      }));

    it("O1 O3 O8 a quota throttles it: everything arrives, though late", () =>
      goThrough(kafka, "throttled by a quota", async (shops) => {
        const everybody = ["--entity-type", "clients", "--entity-default"];
        await kafka.configure("--alter", "--add-config", "producer_byte_rate=5000", ...everybody);
        await searched(shops, 10);
        await kafka.configure("--alter", "--delete-config", "producer_byte_rate", ...everybody);
      }));
  });

  describe("kafka, three real brokers", () => {
    let cluster: TestKafka | undefined;
    const opened = async (): Promise<TestKafka> => cluster ??= await startKafka({ nodes: 3 });
    after(async () => await cluster?.[Symbol.asyncDispose]());

    it("O1 O3 O8 the leader killed, min.insync.replicas 2: everything arrives", async () => {
      const three = await opened();
      await goThrough(three, "leader of three killed", async (shops) => {
        const leader = await leaderOf(three, shops[0]!.topic);
        await three.signal(leader, "SIGKILL");
        await searched(shops, 15);
        await three.restart(leader);
      });
    });

    it("O3 a partition without a leader: it is named, the others go on, and everything arrives", async () => {
      const three = await opened();
      await goThrough(three, "partition without a leader", async (shops) => {
        // Three partitions without copies on three nodes: each leads one.
        await three.signal(3, "SIGKILL");
        await searched(shops, 10);
        for (const { service } of shops) {
          const report = await (await fetch(`${service.url}/readyz`)).json();
          assert.match(report.queues.kafka.detail, /^Partition \d of topic .* has no leader/);
          const before = await deliveredBy(service.url);
          await searched(shops, 2);
          assert.ok(await deliveredBy(service.url) > before, "the other partitions stand still");
        }
        await three.restart(3);
      }, { replication: 1 });
    });
  });
}

async function deliveredBy(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^shelfcast_forwarder_delivered_total (\d+)/m.exec(metrics)?.[1] ?? 0);
}

/** The node that leads partition 0. */
async function leaderOf({ inner }: TestKafka, topic: string): Promise<number> {
  await using second = await openKafkaAdmin(inner);
  const { topics } = await second.admin.fetchTopicMetadata({ topics: [topic] });
  const first = topics[0]?.partitions.find(({ partitionId }) => partitionId === 0);
  return first?.leader ?? assert.fail("partition 0 has no leader");
}
