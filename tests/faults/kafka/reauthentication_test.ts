/** Sessions that the broker ends after three seconds: the clients log in anew in time. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { inOnePartition, readAll, series, text } from "../../contracts/law.ts";
import { createRecordingTelemetry } from "../../use_cases/recording_telemetry.ts";
import { isFull } from "../campaign.ts";
import { startKafka } from "./test_kafka.ts";

const everyMs = 300;

if (isFull) {
  describe("sessions of three seconds", () => {
    it("end without a failed request, on each client", async () => {
      const properties = ["connections.max.reauth.ms=3000"];
      await using kafka = await startKafka({ security: "SASL_PLAINTEXT", properties });
      for (const client of clients) {
        const telemetry = createRecordingTelemetry();
        await using log = await openKafkaLog({
          brokers: kafka.brokers,
          client,
          telemetry,
          security: { protocol: "SASL_PLAINTEXT", username: "test_user", password: "test_pass" },
        });
        const topic = `sessions-${client}`;
        const values = series("v", 25);
        // Its topic is made first. A leader just elected may not know it yet (stale_metadata),
        // which a retry mends and which says nothing about sessions.
        await log.publish(topic, inOnePartition("first"));
        for (const value of values) {
          await log.publish(topic, inOnePartition(value));
          await new Promise((resolve) => setTimeout(resolve, everyMs));
        }
        const failures = Object.entries(telemetry.counters)
          .filter(([name]) => name.startsWith("shelfcast.kafka.send_failures"))
          .filter(([name]) => !name.includes("reason=stale_metadata"));
        assert.deepEqual(failures, [], client);
        const read = (await readAll(log, topic)).map(({ value }) => text(value));
        assert.deepEqual(read, ["first", ...values]);
        console.log(`sessions of 3 s: ${client}, ${read.length} of 26, no failed request`);
      }
    });
  });
}
