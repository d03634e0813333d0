import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { publishAll, text } from "../../contracts/law.ts";
import { reportMissing } from "../../services/report_missing.ts";
import { requireService } from "../../services/require_service.ts";
import { javaProduce } from "./java_produce.ts";
import { hasKcat, kcat } from "./kcat.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const partitions = 7;
const keyCount = 10_000;

/**
 * The tools read lines: a key has no end of a line in it, and not what separates it from its value.
 */
const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 24 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary-ascii", maxLength: 60 }),
  fc.tuple(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }),
    fc.integer({ max: 900, min: 50 }),
  )
    .map(([part, times]) => part.repeat(times)),
).map((each) => each.replace(/[\0\t\n\r]/g, "_"));

if (address !== undefined) {
  describe("kafka, partitions of keys", () => {
    it(`are the Java client's and librdkafka's: ${keyCount} random keys, empty and long ones too`, async () => {
      const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
      console.log(`Keys are made from seed ${seed}`);
      const keys = [...new Set(["", "ß", "𝄞", ...fc.sample(key, { numRuns: keyCount * 2, seed })])]
        .slice(0, keyCount);
      assert.equal(keys.length, keyCount);
      await using log = await openKafkaLog({ brokers: [address], partitions });
      const topic = `partitions-${crypto.randomUUID().slice(0, 8)}`;
      const reports = await publishAll(
        log,
        topic,
        keys.map((each) => ({ key: each, value: null })),
      );
      const lines = (who: string) => keys.map((each) => `${each}\t${who}\n`).join("");
      await javaProduce(address, topic, lines("java"));
      if (await hasKcat()) {
        const args = ["-P", "-b", address, "-t", topic, "-K", "\t"];
        await kcat([...args, "-X", "partitioner=murmur2_random"], lines("librdkafka"));
      } else reportMissing("partitions of librdkafka", "kcat is not installed");
      const theirs = new Map<string, number>();
      for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
        for (const { key, value } of batch.records) {
          theirs.set(`${text(value)} ${text(key)}`, batch.partition);
        }
      }
      const others = await hasKcat() ? ["java", "librdkafka"] : ["java"];
      for (const who of others) {
        const differing = keys.filter((each, n) =>
          reports[n]?.partition !== theirs.get(`${who} ${each}`)
        );
        assert.deepEqual(differing, [], `${who}, seed ${seed}`);
      }
    });
  });
}
