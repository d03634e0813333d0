/** Groups on a real broker that other programs are members of, and what is told of them. */
import { describe, it } from "@std/testing/bdd";
import { Consumer, joinGroupV5, stringDeserializers, syncGroupV3 } from "@platformatic/kafka";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type KafkaClientName, lentUnpack } from "../../../adapters/queue/kafka/clients.ts";
import { createBrokerDirectory } from "../../../adapters/queue/kafka/cluster/broker_directory.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { openLine } from "../../../adapters/queue/kafka/platformatic/broker_line.ts";
import { groupRequests } from "../../../adapters/queue/kafka/platformatic/group_requests.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import type { DescribedGroup } from "../../../src/ports/event_groups.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { inOnePartition, publishAll, rejectsWith, series } from "../../contracts/law.ts";
import { openReader } from "../../contracts/reader.ts";
import { reportMissing } from "../../services/report_missing.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";
import { hasKcat } from "./kcat.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const newName = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;
const execute = { execute: true };
const isKcatHere = await hasKcat();

describe("kafka's groups, while the brokers are away", () => {
  for (const client of clients) {
    it(`are not waited for on ${client}: unavailable, and which broker`, async () => {
      await using log = await openKafkaLog({ brokers: ["127.0.0.1:1"], client });
      const looks = [
        () => log.groups.list(),
        () => log.groups.describe("g"),
        () => log.groups.reset("g", "t", "earliest", execute),
      ];
      for (const look of looks) {
        const { message } = await rejectsWith("unavailable", look());
        assert.match(message, /127\.0\.0\.1:1/);
      }
    });
  }
});

if (address !== undefined) {
  for (const client of clients) {
    const open = () => openKafkaLog({ brokers: [address], client, partitions: 1 });
    describe(`kafka on ${client}, groups with members of other programs`, () => {
      /** A topic with five records, and a name for its group. */
      const published = async (stem: string) => {
        const log = await open();
        const [topic, group] = [newName(stem), newName(stem)];
        await publishAll(log, topic, series("v", 5).map(inOnePartition));
        return { log, topic, group };
      };

      it("a consumer of the newer protocol is seen, and not moved under", async () => {
        const { log, topic, group } = await published("newer");
        const consumer = new Consumer({
          clientId: "newer",
          groupId: group,
          groupProtocol: "consumer",
          bootstrapBrokers: [address],
          deserializers: stringDeserializers,
        });
        const stream = await consumer.consume({ topics: [topic], mode: "earliest" });
        await stream[Symbol.asyncIterator]().next();
        const seen = await described(log, group, ({ positions }) => positions[0]?.holder);
        assert.equal(seen.kind, "consumer");
        assert.equal(seen.isActive, true);
        await consumer.commit({
          offsets: [{ topic, partition: 0, offset: 3n, leaderEpoch: 0 }],
        });
        await rejectsWith("group_active", log.groups.reset(group, topic, "earliest", execute));
        await stream.close();
        await consumer.close(true);
        await described(log, group, ({ isActive }) => isActive !== true);
        const [moved] = await log.groups.reset(group, topic, { offset: 1n }, execute);
        assert.deepEqual(moved, { partition: 0, before: 3n, after: 1n, end: 5n });
        await log[Symbol.asyncDispose]();
      });

      it("what is no consumer is listed as what it is, and has no position", async () => {
        const { log, topic, group } = await published("connect");
        await using _ = await joinAs("connect", group);
        const listed = (await log.groups.list()).find((each) => each.group === group);
        assert.deepEqual(listed, { group, kind: "connect" });
        const { positions, ...seen } = await log.groups.describe(group);
        assert.deepEqual(positions, []);
        assert.deepEqual([seen.kind, seen.isActive], ["connect", true]);
        await rejectsWith("unknown_group", log.groups.reset(group, topic, "earliest", execute));
        await log[Symbol.asyncDispose]();
      });

      it("G14 a position in a topic that had this name before is told as one", async () => {
        const { log, topic, group } = await published("stale");
        await storePosition(group, topic, 3n, "topic-id:AAAAAAAAAAAAAAAAAAAAAQ");
        const { positions } = await log.groups.describe(group);
        assert.deepEqual(positions, [
          { topic, partition: 0, position: 3n, end: 5n, isOfAnother: true },
        ]);
        await log.groups.reset(group, topic, { offset: 4n }, execute);
        const after = (await log.groups.describe(group)).positions[0];
        assert.deepEqual([after?.position, after?.lag, after?.isOfAnother], [4n, 1n, undefined]);
        const reader = openReader(log, topic, { group });
        await reader.takes(["v4"]);
        await reader.leave();
        await log[Symbol.asyncDispose]();
      });

      it("a position that another program stored is one like ours", async () => {
        const { log, topic, group } = await published("theirs");
        await storePosition(group, topic, 3n, "anything");
        const [position] = (await log.groups.describe(group)).positions;
        assert.deepEqual([position?.position, position?.lag], [3n, 2n]);
        await log[Symbol.asyncDispose]();
      });

      kcatTests(client, published);
    });
  }
}

type Published = (stem: string) => Promise<{ log: EventLog; topic: string; group: string }>;

function kcatTests(client: KafkaClientName, published: Published): void {
  const named = "that divides in another way (kcat) is told to whoever comes: never silence";
  if (!isKcatHere) return reportMissing(`a member ${named}, on ${client}`, "kcat is not installed");
  it(`a member ${named}`, async () => {
    const { log, topic, group } = await published("kcat");
    const child = new Deno.Command("kcat", {
      args: ["-b", address!, "-G", group, "-X", "auto.offset.reset=earliest", topic],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const seen = await described(log, group, ({ positions }) => positions[0]?.holder);
      assert.match(seen.positions[0]!.holder!, /^rdkafka-.* at /);
      assert.match(seen.division ?? "", /^(range|cooperative-sticky)$/);
      const ours = openReader(log, topic, { group, from: "earliest" });
      const { message } = await rejectsWith("group_active", ours.next());
      assert.ok(
        message.includes(`group "${group}" is held by another program, "rdkafka-`),
        message,
      );
      assert.match(message, /by "range", wanted "RoundRobinAssigner"; end it/);
      await ours.leave();
      await described(log, group, ({ positions }) => positions[0]?.position !== undefined);
      await rejectsWith("group_active", log.groups.reset(group, topic, "earliest", execute));
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
    await described(log, group, ({ isActive }) => isActive === false);
    const [moved] = await log.groups.reset(group, topic, "earliest", execute);
    assert.equal(moved?.after, 0n);
    const reader = openReader(log, topic, { group });
    await reader.takes(series("v", 5));
    await reader.leave();
    await log[Symbol.asyncDispose]();
  });
}

/** The group, once it is as wanted. */
async function described(
  log: EventLog,
  group: string,
  isSo: (group: DescribedGroup) => unknown,
): Promise<DescribedGroup> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = await log.groups.describe(group).catch((error) => {
      if (error instanceof QueueError && error.code === "unknown_group") return undefined;
      throw error;
    });
    if (found !== undefined && isSo(found)) return found;
    const is = JSON.stringify(found, (_, value) => typeof value === "bigint" ? `${value}` : value);
    assert.ok(performance.now() < deadline, `group is ${is}, wanted ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function openDirectory() {
  const options = {
    brokers: [address!],
    clientId: "other",
    security: { protocol: "PLAINTEXT" },
    connectTimeoutMs: 5000,
    requestTimeoutMs: 10_000,
    clock: systemClock,
    lentUnpack,
  } as const;
  return createBrokerDirectory(options.brokers, (at, forget) => openLine(at, options, forget));
}

/** A member of a group whose members are of that kind. */
async function joinAs(kind: string, group: string): Promise<AsyncDisposable> {
  const directory = openDirectory();
  const requests = groupRequests(directory, 10_000);
  const line = directory.to(await requests.findCoordinator(group));
  const protocols = [{ name: "own", metadata: Buffer.from([9, 9, 9]) }];
  const join = (memberId: string) =>
    line.send(joinGroupV5.api, [group, 30_000, 30_000, memberId, null, kind, protocols]);
  const { memberId } = await join("");
  const { generationId } = await join(memberId);
  const own = [{ memberId, assignment: Buffer.from([9]) }];
  await line.send(syncGroupV3.api, [group, generationId, memberId, null, null, null, own]);
  return {
    [Symbol.asyncDispose]() {
      directory.close();
      return Promise.resolve();
    },
  };
}

/** As a program that is no member has left it. */
async function storePosition(group: string, topic: string, position: bigint, note: string) {
  const directory = openDirectory();
  const requests = groupRequests(directory, 10_000);
  const node = await requests.findCoordinator(group);
  const nobody = { group, memberId: "", generation: -1 };
  const positions = new Map([[0, position]]);
  await requests.commitOffset(node, { ...nobody, topic, positions, note });
  directory.close();
}
