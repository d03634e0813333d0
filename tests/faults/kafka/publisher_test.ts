/**
 * The adapter alone on a broker that throttles it and takes its rights away: codes, order, and
 * going on without a restart.
 */
import assert from "node:assert/strict";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";
import { after, before, describe, it } from "@std/testing/bdd";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { openKafkaAdmin } from "../../adapters/kafka/kafka_admin.ts";
import { inOnePartition, publishAll, readAll, series, text } from "../../contracts/law.ts";
import { isFull } from "../campaign.ts";
import { startKafka, type TestKafka } from "./test_kafka.ts";
import { newTopic } from "./shop_under_fault.ts";

const username = "test_user";
const quotaBytes = 200_000;
/** Kafka counts over ten seconds: so much goes through before it throttles. */
const freeBytes = quotaBytes * 10;

if (isFull) {
  let kafka: TestKafka;

  before(async () => {
    kafka = await startKafka({
      security: "SASL_PLAINTEXT",
      properties: [
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
        "allow.everyone.if.no.acl.found=true",
      ],
    });
  });
  after(async () => await kafka[Symbol.asyncDispose]());

  const open = (client: KafkaClientName) =>
    openKafkaLog({
      brokers: kafka.brokers,
      client,
      clientId: client,
      batchBytes: 20_000,
      security: { protocol: "SASL_PLAINTEXT", mechanism: "PLAIN", username, password: "test_pass" },
    });

  for (const client of clients) {
    describe(`kafka/${client}, the publisher`, () => {
      it("is throttled by a quota: nothing is lost or twice there, the order is kept", async () => {
        await using log = await open(client);
        const entity = ["--entity-type", "clients", "--entity-name", client];
        const quota = `producer_byte_rate=${quotaBytes}`;
        await kafka.configure("--alter", "--add-config", quota, ...entity);
        const topic = newTopic("quota");
        const values = series("x".repeat(1000), freeBytes / 1000 * 1.5);
        const began = performance.now();
        await publishAll(log, topic, values.map(inOnePartition));
        const tookMs = performance.now() - began;
        assert.ok(tookMs > 2000, `throttled for ${tookMs} ms only`);
        assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), values);
      });

      it("says unauthorized while it has no right to write, and goes on when it has", async () => {
        await using log = await open(client);
        await using second = await openKafkaAdmin(kafka.inner);
        const topic = newTopic("rights");
        const taken = [...await publishUntil(log, topic, "ok")];
        const acl = [{
          resourceType: AclResourceTypes.TOPIC,
          resourceName: topic,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: `User:${username}`,
          host: "*",
          operation: AclOperationTypes.WRITE,
          permissionType: AclPermissionTypes.DENY,
        }];
        await second.admin.createAcls({ acl });
        taken.push(...await publishUntil(log, topic, "unauthorized"));
        await second.admin.deleteAcls({ filters: acl });
        taken.push(...await publishUntil(log, topic, "ok"));
        const stored = (await readAll(log, topic)).map(({ value }) => text(value));
        assert.deepEqual(stored, taken);
      });
    });
  }
}

/** Publishes until that is the outcome. @returns The values that were taken. */
async function publishUntil(
  log: EventLog,
  topic: string,
  wanted: "ok" | "unauthorized",
): Promise<readonly string[]> {
  const taken: string[] = [];
  const deadline = performance.now() + 30_000;
  for (let n = 0; performance.now() < deadline; n++) {
    const value = `until ${wanted}: ${n}`;
    const outcome = await log.publish(topic, inOnePartition(value))
      .then(() => "ok", (error) => error instanceof QueueError ? error.code : error);
    if (outcome === "ok") taken.push(value);
    else assert.equal(outcome, "unauthorized");
    if (outcome === wanted) return taken;
  }
  throw new Error(`No record was ${wanted} within 30 s`);
}
