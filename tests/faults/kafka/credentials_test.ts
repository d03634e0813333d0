/**
 * Passwords, rights and certificates, on a real broker with SASL_SSL and an authority of its own.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";
import { after, before, describe, it } from "@std/testing/bdd";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { openKafkaAdmin } from "../../adapters/kafka/kafka_admin.ts";
import { inOnePartition, readAll, rejectsWith, text } from "../../contracts/law.ts";
import { isFull } from "../campaign.ts";
import { deadLettersOf } from "./buffer_contents.ts";
import { type FaultProxy, openFaultProxy } from "./fault_proxy.ts";
import {
  assertKept,
  newTopic,
  openShopUnderFault,
  type ShopUnderFault,
} from "./shop_under_fault.ts";
import { startKafka, type TestKafka } from "./test_kafka.ts";

const username = "test_user";
const password = "test_pass";
const wrongPassword = "not_the_secret";
const ratePerSecond = 32;

if (isFull) {
  let kafka: TestKafka;
  let caPem = "";

  before(async () => {
    kafka = await startKafka({
      security: "SASL_SSL",
      mechanisms: "SCRAM-SHA-256,SCRAM-SHA-512",
      properties: [
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
        "allow.everyone.if.no.acl.found=true",
      ],
    });
    caPem = await Deno.readTextFile(`${kafka.folder}/tls/ca.pem`);
  });
  after(async () => await kafka[Symbol.asyncDispose]());

  for (const client of clients) {
    describe(`kafka/${client}, over SASL_SSL with SCRAM-SHA-512`, () => {
      const open = (password: string) =>
        openKafkaLog({
          brokers: kafka.brokers,
          client,
          deliveryTimeoutMs: 20_000,
          security: { protocol: "SASL_SSL", mechanism: "SCRAM-SHA-512", username, password, caPem },
        });

      it("the right password publishes and reads", async () => {
        await using log = await open(password);
        const topic = newTopic("sasl");
        await log.publish(topic, inOnePartition("v"));
        assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), ["v"]);
      });

      it("a wrong password is told as unauthorized, without the password", async () => {
        await using log = await open(wrongPassword);
        const publishing = log.publish(newTopic("wrong"), inOnePartition("v"));
        const error = await rejectsWith("unauthorized", publishing);
        assert.doesNotMatch(inspect(error, { depth: 20 }), new RegExp(wrongPassword));
      });
    });
  }

  describe("the shop in front of a Kafka with passwords and rights", () => {
    it("O8 a right revoked with a backlog: nothing to the dead letters, all arrives when it is given back", async () => {
      await using stack = new AsyncDisposableStack();
      const { shops, proxy } = await openShops(stack, kafka, password);
      await using second = await openKafkaAdmin(kafka.inner);
      await searched(shops, 1);
      await proxy.set({ kind: "refuse" });
      const acl = shops.map(({ topic }) => ({
        resourceType: AclResourceTypes.TOPIC,
        resourceName: topic,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${username}`,
        host: "*",
        operation: AclOperationTypes.WRITE,
        permissionType: AclPermissionTypes.DENY,
      }));
      await second.admin.createAcls({ acl });
      await searched(shops, 2);
      await proxy.set({ kind: "pass" });
      await searched(shops, 5);
      await second.admin.deleteAcls({ filters: acl });
      await searched(shops, 1);
      await judged(shops, "right to write revoked");
    });

    it("O7 O8 started with a wrong password: all arrives when the broker takes it", async () => {
      await using stack = new AsyncDisposableStack();
      const { shops } = await openShops(stack, kafka, wrongPassword);
      await searched(shops, 5);
      const user = ["--entity-type", "users", "--entity-name", username];
      const change = (word: string) => ["--add-config", `SCRAM-SHA-256=[password=${word}]`];
      await kafka.configure("--alter", ...change(wrongPassword), ...user);
      await searched(shops, 1);
      await judged(shops, "wrong password");
      await kafka.configure("--alter", ...change(password), ...user);
    });
  });
}

/** A shop for each client, all behind one proxy. */
async function openShops(
  stack: AsyncDisposableStack,
  kafka: TestKafka,
  sasl_password: string,
): Promise<{ readonly shops: readonly ShopUnderFault[]; readonly proxy: FaultProxy }> {
  const proxy = stack.use(await openFaultProxy(kafka.proxyPort, kafka.proxiedPort));
  const settings = [
    "security_protocol: SASL_SSL, sasl_mechanism: SCRAM-SHA-256",
    `sasl_username: ${username}, sasl_password: ${sasl_password}`,
    "ssl_ca_file: DIR/ca.pem",
  ];
  const caFile = `${kafka.folder}/tls/ca.pem`;
  const way = {
    caFile,
    inner: kafka.inner,
    brokers: [`127.0.0.1:${kafka.proxyPort}`],
    ratePerSecond,
  };
  const shops = await Promise.all(
    clients.map(async (client) =>
      stack.use(await openShopUnderFault({ ...way, client, kafka: settings.join(", ") }))
    ),
  );
  return { shops, proxy };
}

async function searched(shops: readonly ShopUnderFault[], seconds: number): Promise<void> {
  await Promise.all(shops.map(({ load }) => load.answers(ratePerSecond * seconds)));
}

async function judged(shops: readonly ShopUnderFault[], title: string): Promise<void> {
  for (const [index, shop] of shops.entries()) {
    assertKept(shop.load, await shop.conclude(`${title}, ${clients[index]}`, 30_000));
    assert.equal((await deadLettersOf(shop.folder, shop.topic)).length, 0);
    const { stderr } = await shop.service.stop();
    assert.match(stderr, /unauthorized/);
    assert.doesNotMatch(stderr, new RegExp(`${password}|${wrongPassword}`));
  }
}
