/** The requests about topics and records, as kafkajs has them. */
import type {
  DriverOptions,
  FetchRequest,
  KafkaConnections,
  ListOffsetsRequest,
  ProduceRequest,
  TopicMetadata,
} from "../driver/driver.ts";
import { readFetchAnswer } from "../wire/fetch_answer.ts";
import type { FetchById } from "../wire/fetch_request.ts";
import { failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import type { KafkajsDirectory } from "./broker_line.ts";
import type { EncodedProduce } from "./internals.ts";

type LogRequests = Pick<
  KafkaConnections,
  "metadata" | "createTopic" | "topicConfig" | "produce" | "initProducer" | "fetch" | "listOffsets"
>;

interface MetadataAnswer {
  readonly brokers: readonly { nodeId: number; host: string; port: number }[];
  readonly topicMetadata: readonly {
    topicErrorCode: number;
    topic: string;
    topicId?: string | undefined;
    partitionMetadata: readonly { partitionId: number; leader: number }[];
  }[];
}

interface ProduceAnswer {
  readonly topics: readonly {
    partitions: readonly {
      partition: number;
      errorCode: number;
      baseOffset: string;
      logAppendTime: string;
    }[];
  }[];
}

interface ListOffsetsAnswer {
  readonly responses: readonly {
    partitions: readonly { partition: number; errorCode: number; offset: string }[];
  }[];
}

/** Both of kafkajs's isolation levels count from the protocol: 1 is "read committed". */
const isolationLevel = 1;
const readUncommitted = 0;
const topicResource = 2;
const maxFetchBytes = 10 * 1024 * 1024;

export function logRequests(
  directory: KafkajsDirectory,
  { requestTimeoutMs, lentUnpack }: DriverOptions,
): LogRequests {
  return {
    async metadata(topics) {
      const request = { topics, allowAutoTopicCreation: false };
      const answer = await directory.any((line) =>
        line.send("Metadata", request)
      ) as MetadataAnswer;
      directory.learn(answer.brokers);
      return {
        brokerCount: answer.brokers.length,
        nodes: answer.brokers.map(({ nodeId }) => nodeId),
        topics: new Map(answer.topicMetadata.map((topic) => [topic.topic, metadataOf(topic)])),
      };
    },
    async createTopic({ topic, partitions, replication, isTried = false }) {
      const request = {
        topics: [{ topic, numPartitions: partitions, replicationFactor: replication }],
        validateOnly: isTried,
        timeout: requestTimeoutMs,
      };
      const answer = await directory.any((line) => line.send("CreateTopics", request)) as {
        readonly topicErrors: readonly { errorCode: number }[];
      };
      failOn(answer.topicErrors[0]?.errorCode, "CreateTopics");
    },
    async topicConfig(topic, names) {
      const request = {
        resources: [{ type: topicResource, name: topic, configNames: [...names] }],
        includeSynonyms: false,
      };
      const answer = await directory.any((line) => line.send("DescribeConfigs", request)) as {
        readonly resources: readonly {
          errorCode: number;
          configEntries: readonly { configName: string; configValue: string | null }[];
        }[];
      };
      const [found] = answer.resources;
      failOn(found?.errorCode, "DescribeConfigs");
      return new Map(
        found!.configEntries.map(({ configName, configValue }) => [configName, configValue ?? ""]),
      );
    },
    async produce(node, { topic, partition, batch }: ProduceRequest) {
      const timeoutMs = requestTimeoutMs;
      const request: EncodedProduce = { topic, partition, batch, timeoutMs };
      const answer = await directory.to(node).send("Produce", request) as ProduceAnswer;
      const result = answer.topics[0]?.partitions[0];
      failOn(result?.errorCode, "Produce");
      if (result === undefined || result.partition !== partition) {
        throw new KafkaProtocolError(-1, "Produce");
      }
      const appendTime = Number(result.logAppendTime);
      return {
        baseOffset: BigInt(result.baseOffset),
        appendTime: appendTime < 0 ? undefined : appendTime,
      };
    },
    async initProducer() {
      // The time-out is that of transactions, of which there are none.
      const request = { transactionalId: null, transactionTimeout: requestTimeoutMs };
      const answer = await directory.any((line) => line.send("InitProducerId", request)) as {
        readonly errorCode: number;
        readonly producerId: string;
        readonly producerEpoch: number;
      };
      failOn(answer.errorCode, "InitProducerId");
      return { producerId: BigInt(answer.producerId), producerEpoch: answer.producerEpoch };
    },
    async fetch(node, request: FetchRequest) {
      const { topic, topicId, positions, maxWaitMs, maxPartitionBytes } = request;
      if (topicId !== undefined) {
        const byId: FetchById = {
          topicId,
          positions,
          maxWaitMs,
          maxPartitionBytes,
          maxBytes: maxFetchBytes,
        };
        const answer = await directory.to(node).send("FetchById", byId) as Uint8Array;
        return await readFetchAnswer(answer, positions, lentUnpack, true);
      }
      const partitions = [...positions].map(([partition, position]) => ({
        partition,
        fetchOffset: position.toString(),
        maxBytes: maxPartitionBytes,
      }));
      const answer = await directory.to(node).send("Fetch", {
        isolationLevel,
        maxWaitTime: maxWaitMs,
        minBytes: 1,
        maxBytes: maxFetchBytes,
        topics: [{ topic, partitions }],
      }) as Uint8Array;
      return await readFetchAnswer(answer, positions, lentUnpack);
    },
    async listOffsets(node, request: ListOffsetsRequest) {
      const { topic, partitions, timestamp, isWritten = false } = request;
      const answer = await directory.to(node).send("ListOffsets", {
        isolationLevel: isWritten ? readUncommitted : isolationLevel,
        topics: [{
          topic,
          partitions: partitions.map((partition) => ({ partition, timestamp })),
        }],
      }) as ListOffsetsAnswer;
      const found = answer.responses.flatMap((response) => response.partitions);
      for (const { errorCode } of found) failOn(errorCode, "ListOffsets");
      return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
    },
  };
}

function metadataOf(topic: MetadataAnswer["topicMetadata"][number]): TopicMetadata {
  return {
    errorCode: topic.topicErrorCode,
    id: topic.topicId,
    leaders: new Map(
      topic.partitionMetadata.map((
        { partitionId, leader },
      ) => [partitionId, leader < 0 ? undefined : leader]),
    ),
  };
}
