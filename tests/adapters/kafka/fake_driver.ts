import type {
  KafkaConnections,
  KafkaDriver,
  Produced,
  WireRecord,
} from "../../../adapters/queue/kafka/driver.ts";
import { type DecodedBatch, decodeRecordBatch } from "./decode_record_batch.ts";

/** A produce request as the broker reads it. */
export interface ReadProduce extends DecodedBatch {
  readonly partition: number;
}

/** A cluster of one node whose answers a test decides; only what publishing needs. */
export interface FakeCluster extends KafkaDriver {
  /** Partition → what was appended, in order. */
  readonly appended: Map<number, WireRecord[]>;
  /** Every produce request, answered or not. */
  readonly requests: ReadProduce[];
  readonly metadataRequests: number;
  /** The answers that come, in order; when there are none left, requests are appended and acknowledged. */
  readonly answers: ((request: ReadProduce) => Promise<Produced>)[];
  /** What metadata says; 0 is none. */
  topicError: number;
  /** What metadata rejects with, instead. */
  metadataError: Error | undefined;
  readonly created: string[];
  append(request: ReadProduce): Promise<Produced>;
}

export function createFakeCluster(partitionCount = 1): FakeCluster {
  const appended = new Map<number, WireRecord[]>();
  const outstanding = new Map<number, number>();
  let metadataRequests = 0;

  function append({ partition, records }: ReadProduce): Promise<Produced> {
    const log = appended.get(partition) ?? [];
    appended.set(partition, log);
    const baseOffset = BigInt(log.length);
    log.push(...records);
    return Promise.resolve({ baseOffset, appendTime: undefined });
  }

  const connections: Partial<KafkaConnections> = {
    metadata(topics) {
      metadataRequests++;
      if (cluster.metadataError !== undefined) return Promise.reject(cluster.metadataError);
      const leaders = new Map(Array.from({ length: partitionCount }, (_, p) => [p, 1] as const));
      const answer = { errorCode: cluster.topicError, leaders };
      return Promise.resolve({
        brokerCount: 1,
        topics: new Map(topics.map((topic) => [topic, answer])),
      });
    },
    createTopic({ topic }) {
      cluster.created.push(topic);
      cluster.topicError = 0;
      return Promise.resolve();
    },
    async produce(_, { partition, batch }) {
      const request = { partition, ...decodeRecordBatch(batch) };
      const others = outstanding.get(partition) ?? 0;
      if (others > 0) throw new Error(`A second request for partition ${partition} is under way`);
      cluster.requests.push(request);
      outstanding.set(partition, others + 1);
      try {
        return await (cluster.answers.shift() ?? append)(request);
      } finally {
        outstanding.set(partition, others);
      }
    },
    drop() {},
    close() {},
  };
  const cluster: FakeCluster = {
    faultNames: { ConnectionLost: "connection", WrongPassword: "unauthorized" },
    connect: () => connections as KafkaConnections,
    appended,
    requests: [],
    get metadataRequests() {
      return metadataRequests;
    },
    answers: [],
    topicError: 0,
    metadataError: undefined,
    created: [],
    append,
  };
  return cluster;
}

/** An error with the name by which a client tells it. */
export function named(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
