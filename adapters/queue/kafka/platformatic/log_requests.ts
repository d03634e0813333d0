/** The requests about topics and records, as `@platformatic/kafka` has them. */
import {
  createTopicsV3,
  describeConfigsV2,
  initProducerIdV1,
  listOffsetsV3,
  metadataV10,
  metadataV6,
} from "@platformatic/kafka";
import type { DriverOptions, KafkaConnections, TopicMetadata } from "../driver/driver.ts";
import { readFetchAnswer } from "../wire/fetch_answer.ts";
import { errorCodes, failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import { topicIdOf } from "../wire/topic_id.ts";
import type { PlatformaticDirectory } from "./broker_line.ts";
import { fetch, fetchById, produce } from "./record_requests.ts";

type LogRequests = Pick<
  KafkaConnections,
  "metadata" | "createTopic" | "topicConfig" | "produce" | "initProducer" | "fetch" | "listOffsets"
>;

const noReplica = -1;
const noSession = -1;
const unknownEpoch = -1;
const readCommitted = 1;
const readUncommitted = 0;
const topicResource = 2 as const;
const maxFetchBytes = 10 * 1024 * 1024;

export function logRequests(
  directory: PlatformaticDirectory,
  { requestTimeoutMs, lentUnpack }: DriverOptions,
): LogRequests {
  return {
    async metadata(topics) {
      const request: Parameters<typeof metadataV6.createRequest> = [[...topics], false];
      const answer = await directory.any((line) =>
        line.send(metadataV10.api, [[...topics], false])
          // Older brokers do not tell topic ids. Nothing was sent to them.
          .catch((error): Promise<MetadataAnswer> => {
            const code = error instanceof KafkaProtocolError ? error.code : 0;
            if (code !== errorCodes.unsupportedVersion) throw error;
            return line.send(metadataV6.api, request);
          })
      );
      directory.learn(answer.brokers);
      return {
        brokerCount: answer.brokers.length,
        nodes: answer.brokers.map(({ nodeId }) => nodeId),
        topics: new Map(answer.topics.map((topic) => [topic.name ?? "", metadataOf(topic)])),
      };
    },
    async createTopic({ topic, partitions, replication, isTried = false }) {
      const wanted = {
        name: topic,
        numPartitions: partitions,
        replicationFactor: replication,
        assignments: [],
        configs: [],
      };
      const answer = await directory.any((line) =>
        line.send(createTopicsV3.api, [[wanted], requestTimeoutMs, isTried])
      );
      failOn(answer.topics[0]?.errorCode, "CreateTopics");
    },
    async topicConfig(topic, names) {
      const configurationKeys = [...names];
      const wanted = { resourceType: topicResource, resourceName: topic, configurationKeys };
      const answer = await directory.any((line) => line.send(describeConfigsV2.api, [[wanted]]));
      const [found] = answer.results;
      failOn(found?.errorCode, "DescribeConfigs");
      return new Map(found!.configs.map(({ name, value }) => [name, value ?? ""]));
    },
    async produce(node, { topic, partition, batch }) {
      const answer = await directory.to(node).send(produce, [
        topic,
        partition,
        batch,
        requestTimeoutMs,
      ]);
      const result = answer.responses[0]?.partitionResponses[0];
      failOn(result?.errorCode, "Produce");
      if (result === undefined || result.index !== partition) {
        throw new KafkaProtocolError(-1, "Produce");
      }
      const appendTime = Number(result.logAppendTimeMs);
      return {
        baseOffset: result.baseOffset,
        appendTime: appendTime < 0 ? undefined : appendTime,
      };
    },
    async initProducer() {
      const answer = await directory.any((line) =>
        // The time-out is that of transactions, of which there are none.
        line.send(initProducerIdV1.api, [null, requestTimeoutMs])
      );
      failOn(answer.errorCode, "InitProducerId");
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    },
    async fetch(node, { topic, topicId, positions, maxWaitMs, maxPartitionBytes }) {
      if (topicId !== undefined) {
        const byId = { topicId, positions, maxWaitMs, maxPartitionBytes, maxBytes: maxFetchBytes };
        const answer = await directory.to(node).send(fetchById, [byId], maxWaitMs);
        return await readFetchAnswer(answer, positions, lentUnpack, true);
      }
      const partitions = [...positions].map(([partition, fetchOffset]) => ({
        partition,
        fetchOffset,
        currentLeaderEpoch: unknownEpoch,
        lastFetchedEpoch: unknownEpoch,
        partitionMaxBytes: maxPartitionBytes,
      }));
      const answer = await directory.to(node).send(fetch, [
        maxWaitMs,
        1,
        maxFetchBytes,
        readCommitted,
        0,
        noSession,
        // Named so by the library; up to version 12 it is the topic's name.
        [{ topicId: topic, partitions }],
        [],
        "",
      ], maxWaitMs);
      return await readFetchAnswer(answer, positions, lentUnpack);
    },
    async listOffsets(node, { topic, partitions, timestamp, isWritten = false }) {
      const wanted = partitions.map((partitionIndex) => ({
        partitionIndex,
        currentLeaderEpoch: unknownEpoch,
        timestamp: BigInt(timestamp),
      }));
      const answer = await directory.to(node).send(listOffsetsV3.api, [
        noReplica,
        isWritten ? readUncommitted : readCommitted,
        [{ name: topic, partitions: wanted }],
      ]);
      const found = answer.topics.flatMap((each) => each.partitions);
      for (const { errorCode } of found) failOn(errorCode, "ListOffsets");
      return new Map(found.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
    },
  };
}

type MetadataAnswer = Pick<metadataV6.MetadataResponse, "brokers"> & {
  readonly topics: readonly MetadataTopic[];
};

type MetadataTopic =
  & Pick<metadataV6.MetadataResponseTopic, "errorCode" | "partitions">
  & { readonly name?: string | null | undefined; readonly topicId?: string };

function metadataOf({ errorCode, partitions, topicId }: MetadataTopic): TopicMetadata {
  return {
    errorCode,
    id: topicId === undefined
      ? undefined
      : topicIdOf(Uint8Array.fromHex(topicId.replaceAll("-", ""))),
    leaders: new Map(
      partitions.map((
        { partitionIndex, leaderId },
      ) => [partitionIndex, leaderId < 0 ? undefined : leaderId]),
    ),
  };
}
