/** What is written, others read, and the other way round: beside kcat. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { publishAll, readAll, text } from "../../contracts/law.ts";
import { reportMissing } from "../../services/report_missing.ts";
import { requireService } from "../../services/require_service.ts";
import { clients } from "./both_clients.ts";
import { hasKcat, kcat } from "./kcat.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const newTopic = (stem: string): string => `${stem}-${crypto.randomUUID().slice(0, 8)}`;

if (address !== undefined && !await hasKcat()) {
  reportMissing("comparison with an independent client", "kcat is not installed");
} else if (address !== undefined) {
  for (const client of clients) {
    describe(`kafka on ${client}, beside an independent client (kcat)`, () => {
      it("key, value bytes, headers in their order and timestamp are read as they were published", async () => {
        await using log = await openKafkaLog({ brokers: [address], client });
        const topic = newTopic("kcat-reads");
        const value = Uint8Array.from({ length: 256 }, (_, n) => n);
        const names = ["b", "1", "a", "ß", "a"];
        const headers = names.map((name, n) => [name, encoder.encode(`${n}ß`)] as const);
        await log.publish(topic, {
          key: "schlüssel",
          value,
          headers,
          timestamp: 1_700_000_000_123,
        });
        await log.publish(topic, { value: null, timestamp: 5 });
        const read = ["-C", "-b", address, "-t", topic, "-o", "beginning", "-e", "-q"];
        const facts = decoder.decode(await kcat([...read, "-f", "%k|%K|%S|%T|%h\\n"]));
        assert.deepEqual(facts.trimEnd().split("\n"), [
          "schlüssel|10|256|1700000000123|b=0ß,1=1ß,a=2ß,ß=3ß,a=4ß",
          "|-1|-1|5|",
        ]);
        assert.deepEqual(new Uint8Array(await kcat([...read, "-c", "1", "-f", "%s"])), value);
      });

      it("what it publishes is read: key, value, headers", async () => {
        await using log = await openKafkaLog({ brokers: [address], client });
        const topic = newTopic("kcat-writes");
        await log.publish(topic, { key: "first", value: encoder.encode("0") });
        const write = ["-P", "-b", address, "-t", topic, "-K", "|", "-H", "a=1", "-H", "b=2"];
        await kcat(write, "k1|v1\nk2|v2\n");
        const read = (await readAll(log, topic)).map(({ key, value, headers }) => [
          text(key),
          text(value),
          headers.map(([name, bytes]) => `${name}=${text(bytes)}`).join(),
        ]);
        assert.deepEqual(read, [["first", "0", ""], ["k1", "v1", "a=1,b=2"], [
          "k2",
          "v2",
          "a=1,b=2",
        ]]);
      });

      for (const codec of ["gzip", "zstd", "snappy", "lz4"]) {
        it(`what it packs with ${codec} is read, also in batches of many blocks`, async () => {
          await using log = await openKafkaLog({ brokers: [address], client });
          const topic = newTopic(`kcat-${codec}`);
          await log.publish(topic, { value: encoder.encode("first") });
          const lines = Array.from({ length: 1000 }, (_, n) => `${n} ${"words ".repeat(50)}${n}`);
          const packed = ["-z", codec, "-X", "linger.ms=200"];
          await kcat(["-P", "-b", address, "-t", topic, ...packed], `${lines.join("\n")}\n`);
          const read = (await readAll(log, topic)).map(({ value }) => text(value));
          assert.deepEqual(read, ["first", ...lines]);
        });
      }

      for (const compression of ["gzip", "zstd"] as const) {
        it(`what is packed with ${compression} is read by it and by us`, async () => {
          await using log = await openKafkaLog({ brokers: [address], client, compression });
          await using plain = await openKafkaLog({ brokers: [address], client });
          const topic = newTopic(`packed-${compression}`);
          const records = Array.from({ length: 300 }, (_, n) => ({
            key: `${n}`,
            value: encoder.encode("words ".repeat(50) + n),
            headers: [["n", encoder.encode(`${n}`)]] as const,
          }));
          const reports = await publishAll(log, topic, records);
          assert.deepEqual(reports.map(({ offset }) => Number(offset)), [...records.keys()]);
          const expected = records.map(({ key, value }) => [key, text(value), key]);
          const read = ["-C", "-b", address, "-t", topic, "-o", "beginning", "-e", "-q"];
          const theirs = decoder.decode(await kcat([...read, "-f", "%k\t%s\t%h\n"])).trimEnd();
          const lines = theirs.split("\n").map((line) => line.replace("n=", "").split("\t"));
          assert.deepEqual(lines, expected);
          for (const reader of [log, plain]) {
            const ours = (await readAll(reader, topic)).map(({ key, value, headers }) => [
              text(key),
              text(value),
              text(headers[0]![1]),
            ]);
            assert.deepEqual(ours, expected);
          }
        });
      }
    });
  }
}
