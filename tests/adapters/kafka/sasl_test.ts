import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { KafkaSecurity } from "../../../adapters/queue/kafka/security.ts";
import { inOnePartition, readAll, rejectsWith, text } from "../../contracts/law.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA_SASL", "a Kafka broker with SASL");
const newTopic = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

if (address !== undefined) {
  for (const client of clients) {
    const open = (security: Partial<KafkaSecurity>) =>
      openKafkaLog({
        client,
        brokers: [address],
        deliveryTimeoutMs: 3000,
        requestTimeoutMs: 3000,
        security: {
          protocol: "SASL_PLAINTEXT",
          mechanism: "PLAIN",
          username: "test_user",
          password: "test_pass",
          ...security,
        },
      });

    describe(`kafka on ${client}, with SASL PLAIN`, () => {
      it("the right password publishes and reads, in a group too", async () => {
        await using log = await open({});
        const topic = newTopic("sasl");
        await log.publish(topic, inOnePartition("v"));
        assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), ["v"]);
        const options = { group: topic, from: "earliest", until: "end" } as const;
        for await (const batch of log.subscribe(topic, options)) await batch.commit();
      });

      it("the wrong password is told as unauthorized, without the password", async () => {
        await using log = await open({ password: "not_the_secret" });
        const topic = newTopic("sasl-wrong");
        const published = await rejectsWith(
          "unauthorized",
          log.publish(topic, inOnePartition("v")),
        );
        const subscribed = await rejectsWith("unauthorized", log.subscribe(topic).ready);
        for (const error of [published, subscribed]) {
          assert.doesNotMatch(inspect(error, { depth: 20 }), /not_the_secret/);
        }
      });

      it("a mechanism that the broker does not have is told as unauthorized", async () => {
        await using log = await open({ mechanism: "SCRAM-SHA-512" });
        await rejectsWith("unauthorized", log.publish(newTopic("scram"), inOnePartition("v")));
      });

      it("speaking without SASL to a port that wants it is bounded by the deadline", async () => {
        await using log = await open({ protocol: "PLAINTEXT" });
        await rejectsWith("timeout", log.publish(newTopic("no-sasl"), inOnePartition("v")));
      });
    });
  }
}
