/** The same records, published through the adapter and through its driver alone. */
import { type KafkaClientName, openDriver } from "../../adapters/queue/kafka/clients.ts";
import type { WireRecord } from "../../adapters/queue/kafka/wire/batch_format.ts";
import { openKafkaLog } from "../../adapters/queue/kafka/kafka_log.ts";
import { encodeRecordBatch } from "../../adapters/queue/kafka/wire/encode_batch.ts";
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { createUuidV7 } from "../../src/domain/uuid.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { encodeKey } from "../../src/ports/validate_record.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";

/** Keeps so many records outstanding for `forMs`. @returns Records a second. */
export interface KafkaLoad extends AsyncDisposable {
  rate(outstanding: number, forMs: number): Promise<number>;
}

export const partitionCount = 3;

/** Records with the key of a search, the first of its ten headers, and a value of so many bytes. */
export function searchRecords(
  count: number,
  { valueBytes, headers }: { readonly valueBytes: number; readonly headers: number },
): readonly EventRecord[] {
  const newId = createUuidV7(Date.now, () => crypto.randomUUID());
  return Array.from({ length: count }, (_, n) => {
    const record = encodeBooksSearched({
      id: newId(),
      query: `The query ${n}`,
      page: 1,
      json: new TextEncoder().encode("[]"),
      count: 0,
      searchedAt: Date.now(),
      trace: { traceparent: `00-${"0af7651916cd43dd".repeat(2)}-b7ad6b7169203331-01` },
    });
    const value = new Uint8Array(valueBytes).fill(120);
    return { ...record, value, headers: (record.headers ?? []).slice(0, headers) };
  });
}

/** One promise a record: whoever has published awaits the report, and publishes again. */
export async function adapterLoad(
  address: string,
  client: KafkaClientName,
  topic: string,
  records: readonly EventRecord[],
): Promise<KafkaLoad> {
  const log = await openKafkaLog({
    brokers: [address],
    client,
    partitions: partitionCount,
    telemetry: openPrometheusTelemetry(),
  });
  return {
    rate(outstanding, forMs) {
      let next = 0;
      const publish = async (): Promise<number> => {
        await log.publish(topic, records[next++ % records.length]!);
        return 1;
      };
      return measure(outstanding, forMs, publish);
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

/** One request a partition, each with its share of the records; they are encoded each time. */
export async function driverLoad(
  address: string,
  client: KafkaClientName,
  topic: string,
  records: readonly EventRecord[],
): Promise<KafkaLoad> {
  const driver = await openDriver(
    { brokers: [address], client, clientId: "bench" },
    { connectTimeoutMs: 10_000, requestTimeoutMs: 30_000, clock: systemClock },
  );
  const connections = driver.connect();
  const metadata = await connections.metadata([topic]);
  const leaders = metadata.topics.get(topic)?.leaders ?? new Map<number, undefined>();
  const prebuilt = records.map(toWire);
  return {
    rate(outstanding, forMs) {
      const share = shareOf(prebuilt, outstanding);
      return measure(leaders.size, forMs, async (partition) => {
        const batch = encodeRecordBatch(share);
        await connections.produce(leaders.get(partition) ?? -1, { topic, partition, batch });
        return share.length;
      });
    },
    [Symbol.asyncDispose]() {
      connections.close();
      return Promise.resolve();
    },
  };
}

/** Those for one partition, as many as go into a request. */
export function shareOf<T extends { readonly value: Uint8Array | null }>(
  records: readonly T[],
  outstanding: number,
): readonly T[] {
  const largest = Math.max(...records.slice(0, 10).map(({ value }) => (value?.length ?? 0) + 600));
  const count = Math.min(Math.ceil(outstanding / partitionCount), Math.floor(1e6 / largest));
  return records.slice(0, count);
}

/** Calls `publish` again and again, `writers` at a time. */
export async function measure(
  writers: number,
  forMs: number,
  publish: (writer: number) => Promise<number>,
): Promise<number> {
  let [records, isOver] = [0, false];
  const began = performance.now();
  setTimeout(() => isOver = true, forMs);
  const write = async (_: unknown, writer: number): Promise<void> => {
    while (!isOver) {
      const published = await publish(writer);
      records += published;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return records / (performance.now() - began) * 1000;
}

export function toWire({ key, value, headers = [], timestamp = 0 }: EventRecord): WireRecord {
  return { key: key === undefined ? null : encodeKey(key), value, headers, timestamp };
}
