/**
 * O6 on a broker of its own: what happens to it is told within five seconds, and its end within
 * five more, by one open log.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";
import { type KafkaClientName, kafkaClients } from "../../../adapters/queue/kafka/clients.ts";
import { type KafkaLogOptions, openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { openKafkaAdmin } from "../../adapters/kafka/kafka_admin.ts";
import { isFull } from "../campaign.ts";
import { openFaultProxy, type ProxyMode } from "./fault_proxy.ts";
import { newTopic } from "./shop_under_fault.ts";
import { startKafka, type TestKafka } from "./test_kafka.ts";

const soonMs = 5000;

const reasonOf = (log: EventLog): string => {
  const health = log.health();
  return health.status === "ok" ? "ok" : health.reason;
};

/** How long it took, asked every 10 ms. */
async function becomes(log: EventLog, wanted: string, says = /./): Promise<number> {
  const began = performance.now();
  for (;;) {
    const tookMs = performance.now() - began;
    const health = log.health();
    const detail = health.status === "ok" ? "-" : health.detail;
    if (reasonOf(log) === wanted && says.test(detail)) return Math.round(tookMs);
    assert.ok(tookMs < soonMs, `${wanted} is not told in time: ${JSON.stringify(health)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const user = { username: "test_user", password: "test_pass" };
const security = { protocol: "SASL_PLAINTEXT", mechanism: "PLAIN", ...user } as const;

const open = (brokers: readonly string[], options: Partial<KafkaLogOptions>) =>
  openKafkaLog({ brokers, security, topicPolicy: "validate", deliveryTimeoutMs: 3000, ...options });

const right = (topic: string, operation: AclOperationTypes) => ({
  resourceType: AclResourceTypes.TOPIC,
  resourceName: topic,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: `User:${user.username}`,
  host: "*",
  operation,
  permissionType: AclPermissionTypes.ALLOW,
});

async function rights(kafka: TestKafka, client: KafkaClientName): Promise<void> {
  await using kafkaAdmin = await openKafkaAdmin(kafka.inner);
  const { admin } = kafkaAdmin;
  const topic = newTopic("rights");
  await using log = await open(kafka.brokers, { client, topics: [topic] });
  const told = [await becomes(log, "unauthorized", /Describe and Write/)];
  await admin.createAcls({ acl: [right(topic, AclOperationTypes.DESCRIBE)] });
  told.push(await becomes(log, "unknown_topic", /make it, or set mq\.topics to ensure/));
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  told.push(await becomes(log, "unauthorized", /No right to write/));
  await admin.createAcls({ acl: [right(topic, AclOperationTypes.WRITE)] });
  told.push(await becomes(log, "ok"));
  await log.publish(topic, { value: null });
  await admin.deleteAcls({ filters: [right(topic, AclOperationTypes.WRITE)] });
  await assert.rejects(async () => {
    for (;;) await log.publish(topic, { value: null });
  });
  told.push(await becomes(log, "unauthorized", /No right to write/));
  await admin.createAcls({ acl: [right(topic, AclOperationTypes.WRITE)] });
  told.push(await becomes(log, "ok"));
  console.log(`${client}, rights and topic: told after ${told.join(", ")} ms`);
}

async function broker(kafka: TestKafka, client: KafkaClientName): Promise<void> {
  const topic = await usableTopic(kafka);
  await using log = await open(kafka.brokers, { client, topics: [topic] });
  await becomes(log, "ok");
  await kafka.signal(1, "SIGSTOP");
  const told = [await becomes(log, "timeout")];
  await kafka.signal(1, "SIGCONT");
  told.push(await becomes(log, "ok"));
  await kafka.signal(1, "SIGKILL");
  told.push(await becomes(log, "unavailable", /start the broker/));
  await kafka.restart(1);
  told.push(await becomes(log, "ok"));
  console.log(`${client}, broker stopped and killed: told after ${told.join(", ")} ms`);
}

async function road(kafka: TestKafka, client: KafkaClientName): Promise<void> {
  const topic = await usableTopic(kafka);
  await using proxy = await openFaultProxy(kafka.proxyPort, kafka.proxiedPort);
  await using log = await open([`127.0.0.1:${kafka.proxyPort}`], { client, topics: [topic] });
  await becomes(log, "ok");
  const modes: readonly (readonly [ProxyMode, string])[] = [
    [{ kind: "refuse" }, "unavailable"],
    [{ kind: "hang_up" }, "unavailable"],
    [{ kind: "stall" }, "timeout"],
    [{ kind: "black_hole" }, "timeout"],
    [{ kind: "slow", bytesPerSecond: 20 }, "timeout"],
  ];
  for (const [mode, reason] of modes) {
    await proxy.set(mode);
    const before = proxy.attempts;
    const toldMs = await becomes(log, reason);
    await new Promise((resolve) => setTimeout(resolve, soonMs));
    assert.equal(reasonOf(log), reason, "it stays told");
    const attempts = proxy.attempts - before;
    assert.ok(attempts <= 12, `${attempts} connection attempts in ${toldMs + soonMs} ms`);
    await proxy.set({ kind: "pass" });
    const overMs = await becomes(log, "ok");
    console.log(`${client}, ${mode.kind}: told after ${toldMs} ms, over after ${overMs} ms`);
  }
}

async function usableTopic(kafka: TestKafka): Promise<string> {
  const topic = newTopic("health");
  await using kafkaAdmin = await openKafkaAdmin(kafka.inner);
  await kafkaAdmin.admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  const acl = [AclOperationTypes.DESCRIBE, AclOperationTypes.WRITE];
  await kafkaAdmin.admin.createAcls({ acl: acl.map((operation) => right(topic, operation)) });
  return topic;
}

async function wrongPassword(kafka: TestKafka, client: KafkaClientName): Promise<void> {
  const wrong = { ...security, password: "not_the_secret" };
  await using log = await open(kafka.brokers, { client, topics: ["t"], security: wrong });
  await becomes(log, "unauthorized", /KAFKA_SASL_PASSWORD/);
}

const laws = {
  "missing rights and a missing topic are told apart": rights,
  "a broker that is stopped or killed": broker,
  "a road on which everything goes wrong, with few attempts": road,
  "a wrong password": wrongPassword,
};

if (!isFull) {
  console.log("not registered: health on a broker of its own (SHELFCAST_FAULTS is not full)");
} else {
  for (const client of Object.keys(kafkaClients) as KafkaClientName[]) {
    describe(`health told by ${client}`, () => {
      for (const [name, law] of Object.entries(laws)) {
        it(name, async () => {
          await using kafka = await startKafka({
            security: security.protocol,
            properties: [
              "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
              "super.users=User:ANONYMOUS",
            ],
          });
          await law(kafka, client);
        });
      }
    });
  }
}
