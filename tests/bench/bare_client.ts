/**
 * The client libraries as their users have them: their own producers, with finished messages, one
 * request a partition at a time.
 */
import { Buffer } from "node:buffer";
import { Producer } from "@platformatic/kafka";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { type KafkaLoad, measure, partitionCount, shareOf, toWire } from "./kafka_load.ts";

type OpenBareClient = (
  address: string,
  topic: string,
  records: readonly EventRecord[],
) => Promise<KafkaLoad>;

export const bareClients: Record<KafkaClientName, OpenBareClient> = {
  kafkajs: kafkajsLoad,
  platformatic: platformaticLoad,
};

async function kafkajsLoad(
  address: string,
  topic: string,
  records: readonly EventRecord[],
): Promise<KafkaLoad> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const prebuilt = records.map(toWire).map(({ key, value, headers, timestamp }) => ({
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, Buffer.from(bytes ?? [])])),
    timestamp: String(timestamp),
  }));
  return {
    rate(outstanding, forMs) {
      const count = shareOf(records, outstanding).length;
      const shares = Array.from(
        { length: partitionCount },
        (_, partition) => prebuilt.slice(0, count).map((message) => ({ ...message, partition })),
      );
      return measure(partitionCount, forMs, async (partition) => {
        await producer.send({ topic, messages: shares[partition] ?? [] });
        return count;
      });
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

function platformaticLoad(
  address: string,
  topic: string,
  records: readonly EventRecord[],
): Promise<KafkaLoad> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: "bench",
    bootstrapBrokers: [address],
    autocreateTopics: false,
  });
  const prebuilt = records.map(toWire).map(({ key, value, headers, timestamp }) => ({
    topic,
    key: Buffer.from(key ?? []),
    value: Buffer.from(value ?? []),
    headers: new Map(headers.map(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes ?? [])])),
    timestamp: BigInt(timestamp),
  }));
  return Promise.resolve({
    rate(outstanding, forMs) {
      const count = shareOf(records, outstanding).length;
      const shares = Array.from(
        { length: partitionCount },
        (_, partition) => prebuilt.slice(0, count).map((message) => ({ ...message, partition })),
      );
      return measure(partitionCount, forMs, async (partition) => {
        await producer.send({ messages: shares[partition] ?? [], acks: -1 });
        return count;
      });
    },
    [Symbol.asyncDispose]: () => producer.close(),
  });
}
