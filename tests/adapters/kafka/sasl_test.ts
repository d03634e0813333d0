/** Passwords and TLS against a real broker (K7). */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { KafkaSecurity } from "../../../adapters/queue/kafka/driver/driver.ts";
import { inOnePartition, readAll, rejectsWith, text } from "../../contracts/law.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA_SASL", "a Kafka broker with SASL");
const authority = requireService("SHELFCAST_TEST_KAFKA_CA", "the authority of that broker").address;
const newTopic = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

if (address !== undefined && authority !== undefined) {
  const caPem = await Deno.readTextFile(authority);
  const secured: KafkaSecurity = {
    protocol: "SASL_SSL",
    mechanism: "PLAIN",
    username: "test_user",
    password: "test_pass",
    caPem,
  };
  for (const client of clients) {
    const open = (security: Partial<KafkaSecurity>, deliveryTimeoutMs = 20_000, broker = address) =>
      openKafkaLog({
        client,
        brokers: [broker],
        deliveryTimeoutMs,
        requestTimeoutMs: 10_000,
        security: { ...secured, ...security },
      });

    describe(`kafka on ${client}, with SASL over TLS and an authority of its own`, () => {
      for (const mechanism of ["PLAIN", "SCRAM-SHA-256"] as const) {
        it(`${mechanism}: the right password publishes and reads, in a group too`, async () => {
          await using log = await open({ mechanism });
          const topic = newTopic("sasl");
          await log.publish(topic, inOnePartition("v"));
          assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), ["v"]);
          const options = { group: topic, from: "earliest", until: "end" } as const;
          for await (const batch of log.subscribe(topic, options)) await batch.commit();
        });

        it(`${mechanism}: the wrong password is told as unauthorized, without the password`, async () => {
          await using log = await open({ mechanism, password: "not_the_secret" });
          const topic = newTopic("sasl-wrong");
          const publishing = log.publish(topic, inOnePartition("v"));
          const published = await rejectsWith("unauthorized", publishing);
          const subscribed = await rejectsWith("unauthorized", log.subscribe(topic).ready);
          for (const error of [published, subscribed]) {
            assert.doesNotMatch(inspect(error, { depth: 20 }), /not_the_secret/);
          }
        });
      }

      it("a mechanism that the broker does not have is told as unauthorized", async () => {
        await using log = await open({ mechanism: "SCRAM-SHA-512" });
        await rejectsWith("unauthorized", log.publish(newTopic("scram"), inOnePartition("v")));
      });

      it("a broker is known by its name as well as by its number", async () => {
        await using log = await open({}, 20_000, address.replace("127.0.0.1", "localhost"));
        await log.publish(newTopic("by-name"), inOnePartition("v"));
      });

      it("a certificate for which nobody trusted vouches keeps the password from being sent", async () => {
        const { caPem: _, ...publicAuthorities } = secured;
        await using log = await openKafkaLog({
          client,
          brokers: [address],
          deliveryTimeoutMs: 1000,
          security: publicAuthorities,
        });
        const publishing = log.publish(newTopic("untrusted"), inOnePartition("v"));
        const error = await rejectsWith("timeout", publishing);
        assert.match(inspect(error, { depth: 20 }), /certificate/);
      });

      it("an authority that is replaced is believed from the next connection on, without a restart", async () => {
        let trusted = await otherAuthority();
        const security = {
          ...secured,
          get caPem() {
            return trusted;
          },
        };
        await using log = await openKafkaLog({ client, brokers: [address], security });
        const topic = newTopic("rotated");
        const sent = log.publish(topic, inOnePartition("v"));
        let isSent = false;
        void sent.then(() => isSent = true);
        // Not before the broker was refused once.
        while (log.health().status === "ok" || !/certificate/.test(inspect(log.health()))) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.equal(isSent, false);
        trusted = caPem;
        await sent;
        assert.deepEqual((await readAll(log, topic)).map(({ value }) => text(value)), ["v"]);
      });

      it("speaking without SASL to a port that wants it is bounded by the deadline", async () => {
        await using log = await open({ protocol: "PLAINTEXT" }, 1000);
        await rejectsWith("timeout", log.publish(newTopic("no-sasl"), inOnePartition("v")));
      });
    });
  }
}

/** The certificate of an authority that has signed nothing here. */
async function otherAuthority(): Promise<string> {
  const subject = ["-subj", "/CN=another-authority", "-keyout", "/dev/null"];
  const openssl = new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject],
    stderr: "null",
  });
  return text((await openssl.output()).stdout);
}
