/**
 * Connections that are reset in the middle of requests and answers, and what comes to stand twice
 * by it.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { inOnePartition, publishAll, readAll, series, text } from "../../contracts/law.ts";
import { rounds } from "../campaign.ts";
import { hasKafka, openProxiedKafka } from "./proxied_kafka.ts";
import { newTopic } from "./shop_under_fault.ts";

/** A record a request, so that an answer is a good part of what is sent, and is often hit. */
const batchBytes = 1;
/** Some requests, after saying hello. */
const resetAfterBytes = 3300;
const values = series("v", rounds(2000, 200));

if (hasKafka) {
  for (const client of clients) {
    describe(`kafka/${client}, where every connection is reset after ${resetAfterBytes} bytes`, () => {
      it("idempotent: every record stands once, in order", async () => {
        assert.deepEqual(await stored(client, true), values);
      });

      it("else: records stand twice, first occurrences in order", async () => {
        const found = await stored(client, false);
        const first = [...new Set(found)];
        assert.deepEqual(first, values);
        // Else the law above would prove nothing.
        assert.ok(found.length > first.length);
        console.log(`${found.length - first.length} of ${values.length} records stand twice`);
      });
    });
  }
}

async function stored(client: KafkaClientName, idempotent: boolean): Promise<readonly string[]> {
  await using kafka = await openProxiedKafka();
  const topic = newTopic("reset");
  {
    await using log = await openKafkaLog({
      brokers: kafka.brokers,
      client,
      idempotent,
      batchBytes,
      random: () => 0.1,
    });
    await kafka.proxy.set({ kind: "reset", afterBytes: resetAfterBytes });
    await publishAll(log, topic, values.map(inOnePartition));
    assert.ok(kafka.proxy.attempts > values.length / 20, `${kafka.proxy.attempts} connections`);
  }
  await using direct = await openKafkaLog({ brokers: [kafka.inner] });
  return (await readAll(direct, topic)).map(({ value }) => text(value));
}
