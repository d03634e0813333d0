/** A cluster in memory behind the driver seam, whose faults a test chooses. */
import type {
  KafkaConnections,
  KafkaDriver,
  Produced,
} from "../../../adapters/queue/kafka/driver/driver.ts";
import type { WireRecord } from "../../../adapters/queue/kafka/wire/batch_format.ts";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import { type DecodedBatch, decodeRecordBatch } from "./decode_record_batch.ts";

/** A produce request as the broker reads it. */
export interface ReadProduce extends DecodedBatch {
  readonly partition: number;
}

/** A cluster of one node whose answers a test decides; only what publishing and the probe need. */
export interface FakeCluster extends KafkaDriver {
  /** Partition → what was appended, in order. */
  readonly appended: Map<number, WireRecord[]>;
  /** Every produce request, answered or not. */
  readonly requests: ReadProduce[];
  /**
   * Whether two were ever under way for one partition: the publisher takes that for a fault like
   * others, and goes on.
   */
  isOverrun: boolean;
  readonly metadataRequests: number;
  /**
   * The answers that come, in order; when there are none left, requests are appended and
   * acknowledged.
   */
  readonly answers: ((request: ReadProduce) => Promise<Produced>)[];
  /** What metadata says; 0 is none. */
  topicError: number;
  /** Of every topic. */
  topicId: string | undefined;
  /** Of every topic; undefined: there is no right to read it. */
  topicConfig: Readonly<Record<string, string>> | undefined;
  /** What metadata rejects with, instead. */
  metadataError: Error | undefined;
  /** The same, once. */
  nextMetadataError: Error | undefined;
  /** True: nothing is answered until connections are dropped. */
  isSilent: boolean;
  /** Partitions that have no leader. */
  readonly leaderless: Set<number>;
  /** Of every topic. */
  partitionCount: number;
  /** What producing to a partition that does not exist is answered with. */
  noPartitionError: number;
  readonly created: string[];
  append(request: ReadProduce): Promise<Produced>;
  /** How many producers were given a number. */
  readonly producers: number;
  /** As brokers do with those that were silent for a day. */
  forgetProducers(): void;
}

export function createFakeCluster(partitionCount = 1): FakeCluster {
  const appended = new Map<number, WireRecord[]>();
  const outstanding = new Map<number, number>();
  let metadataRequests = 0;
  const unanswered = new Set<(error: Error) => void>();

  const answer = <T>(give: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      // Behind a request that was never answered, none is.
      if (cluster.isSilent || unanswered.size > 0) unanswered.add(reject);
      else resolve(Promise.resolve().then(give));
    });

  function drop(): void {
    for (const reject of unanswered) reject(named("ConnectionLost"));
    unanswered.clear();
  }

  /** What each producer appended last to each partition. */
  const last = new Map<string, { first: number; next: number; baseOffset: bigint }>();
  let producers = 0;

  function append(request: ReadProduce): Promise<Produced> {
    const { partition, records, producerId, firstSequence: first } = request;
    const log = appended.get(partition) ?? [];
    appended.set(partition, log);
    const baseOffset = BigInt(log.length);
    if (producerId >= 0n) {
      const writer = `${producerId} ${partition}`;
      const before = last.get(writer);
      const next = first + records.length;
      if (before?.first === first && before.next === next) {
        return Promise.resolve({ baseOffset: before.baseOffset, appendTime: undefined });
      }
      if (first !== (before?.next ?? 0)) {
        return Promise.reject(new KafkaProtocolError(before === undefined ? 59 : 45, "Produce"));
      }
      last.set(writer, { first, next, baseOffset });
    }
    log.push(...records);
    return Promise.resolve({ baseOffset, appendTime: undefined });
  }

  const connections: Partial<KafkaConnections> = {
    metadata(topics) {
      metadataRequests++;
      const error = cluster.nextMetadataError ?? cluster.metadataError;
      cluster.nextMetadataError = undefined;
      if (error !== undefined) return Promise.reject(error);
      const leaders = new Map(
        Array.from(
          { length: cluster.partitionCount },
          (_, partition) => [partition, cluster.leaderless.has(partition) ? undefined : 1] as const,
        ),
      );
      const found = { errorCode: cluster.topicError, id: cluster.topicId, leaders };
      return answer(() => ({
        brokerCount: 1,
        nodes: [1],
        topics: new Map(topics.map((topic) => [topic, found])),
      }));
    },
    topicConfig: () =>
      cluster.topicConfig === undefined
        ? Promise.reject(new KafkaProtocolError(29, "DescribeConfigs"))
        : answer(() => new Map(Object.entries(cluster.topicConfig!))),
    listOffsets: (_, { partitions }) =>
      answer(() => new Map(partitions.map((partition) => [partition, 0n]))),
    initProducer: () => answer(() => ({ producerId: BigInt(++producers), producerEpoch: 0 })),
    createTopic({ topic }) {
      cluster.created.push(topic);
      cluster.topicError = 0;
      return Promise.resolve();
    },
    async produce(_, { partition, batch }) {
      if (partition >= cluster.partitionCount) {
        throw new KafkaProtocolError(cluster.noPartitionError, "Produce");
      }
      const request = { partition, ...decodeRecordBatch(batch) };
      const others = outstanding.get(partition) ?? 0;
      cluster.requests.push(request);
      if (others > 0) {
        cluster.isOverrun = true;
        throw new Error(`A second request for partition ${partition} is under way`);
      }
      outstanding.set(partition, others + 1);
      try {
        return await (cluster.answers.shift() ?? append)(request);
      } finally {
        outstanding.set(partition, others);
      }
    },
    drop,
    close: drop,
  };
  const cluster: FakeCluster = {
    faultNames: { ConnectionLost: "connection", WrongPassword: "unauthorized" },
    connect: () => connections as KafkaConnections,
    appended,
    requests: [],
    get metadataRequests() {
      return metadataRequests;
    },
    isOverrun: false,
    answers: [],
    topicError: 0,
    topicId: undefined,
    topicConfig: undefined,
    metadataError: undefined,
    nextMetadataError: undefined,
    isSilent: false,
    leaderless: new Set(),
    noPartitionError: 3,
    partitionCount,
    created: [],
    append,
    get producers() {
      return producers;
    },
    forgetProducers: () => last.clear(),
  };
  return cluster;
}

/** An error with the name by which a client tells it. */
export function named(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
