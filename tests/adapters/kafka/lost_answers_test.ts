import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type KafkaClientName, kafkaClients } from "../../../adapters/queue/kafka/clients.ts";
import type { KafkaDriver } from "../../../adapters/queue/kafka/driver.ts";
import { KafkaDeadlineError } from "../../../adapters/queue/kafka/fault.ts";
import { createKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { inOnePartition, publishAll, readAll, series, text } from "../../contracts/law.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const values = series("v", 300);

if (address !== undefined) {
  for (const client of clients) {
    describe(`kafka/${client}, where every third answer is lost after the broker has written`, () => {
      const publish = async (idempotent: boolean) => {
        const driver = losingAnswers(await realDriver(client, address));
        await using log = createKafkaLog(driver, {
          idempotent,
          batchBytes: 1024,
          random: () => 0.1,
        });
        const topic = `lost-answers-${crypto.randomUUID().slice(0, 8)}`;
        const reports = await publishAll(log, topic, values.map(inOnePartition));
        const stored = (await readAll(log, topic)).map(({ value }) => text(value));
        for (const [n, { offset }] of reports.entries()) {
          assert.equal(stored[Number(offset)], values[n]);
        }
        assert.ok(driver.lost >= 5, `${driver.lost} answers were lost`);
        return stored;
      };

      it("idempotent: every record stands once, in order", async () => {
        assert.deepEqual(await publish(true), values);
      });

      it("else: first occurrences are in order, and only whole requests stand twice", async () => {
        const stored = await publish(false);
        assert.deepEqual([...new Set(stored)], values);
        assert.ok(stored.length > values.length);
        // What is repeated follows at once on itself: a request stands twice, and nothing stands between.
        for (const [n, value] of stored.entries()) {
          assert.ok(stored.indexOf(value) >= n - 30, `${value} stands at ${n} again`);
        }
      });
    });
  }
}

async function realDriver(client: KafkaClientName, broker: string): Promise<KafkaDriver> {
  const { createDriver } = await kafkaClients[client].load();
  return createDriver({
    brokers: [broker],
    clientId: "lost-answers",
    security: { protocol: "PLAINTEXT" },
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
  });
}

function losingAnswers(driver: KafkaDriver): KafkaDriver & { readonly lost: number } {
  let answers = 0;
  let lost = 0;
  return {
    faultNames: driver.faultNames,
    get lost() {
      return lost;
    },
    connect() {
      const connections = driver.connect();
      return {
        ...connections,
        async produce(node, request) {
          const produced = await connections.produce(node, request);
          if (++answers % 3 !== 1) return produced;
          lost++;
          // The publisher drops its connections too.
          throw new KafkaDeadlineError("No answer came");
        },
      };
    },
  };
}
