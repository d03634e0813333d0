/** The requests about topics and records, as `@platformatic/kafka` has them. */
import { createTopicsV3, initProducerIdV1, listOffsetsV3, metadataV6 } from "@platformatic/kafka";
import type { DriverOptions, KafkaConnections, TopicMetadata } from "../driver/driver.ts";
import { readFetchAnswer } from "../wire/fetch_answer.ts";
import { failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import type { PlatformaticDirectory } from "./broker_line.ts";
import { fetch, produce } from "./record_requests.ts";

type LogRequests = Pick<
  KafkaConnections,
  "metadata" | "createTopic" | "produce" | "initProducer" | "fetch" | "listOffsets"
>;

const noReplica = -1;
const noSession = -1;
const unknownEpoch = -1;
const readCommitted = 1;
const maxFetchBytes = 10 * 1024 * 1024;

export function logRequests(
  directory: PlatformaticDirectory,
  { requestTimeoutMs, lentUnpack }: DriverOptions,
): LogRequests {
  return {
    async metadata(topics) {
      const answer = await directory.any((line) => line.send(metadataV6.api, [[...topics], false]));
      directory.learn(answer.brokers);
      return {
        brokerCount: answer.brokers.length,
        topics: new Map(answer.topics.map((topic) => [topic.name, metadataOf(topic)])),
      };
    },
    async createTopic({ topic, partitions, replication }) {
      const wanted = {
        name: topic,
        numPartitions: partitions,
        replicationFactor: replication,
        assignments: [],
        configs: [],
      };
      const answer = await directory.any((line) =>
        line.send(createTopicsV3.api, [[wanted], requestTimeoutMs, false])
      );
      failOn(answer.topics[0]?.errorCode, "CreateTopics");
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
    async fetch(node, { topic, positions, maxWaitMs, maxPartitionBytes }) {
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
    async listOffsets(node, { topic, partitions, timestamp }) {
      const wanted = partitions.map((partitionIndex) => ({
        partitionIndex,
        currentLeaderEpoch: unknownEpoch,
        timestamp: BigInt(timestamp),
      }));
      const answer = await directory.to(node).send(listOffsetsV3.api, [
        noReplica,
        readCommitted,
        [{ name: topic, partitions: wanted }],
      ]);
      const found = answer.topics.flatMap((each) => each.partitions);
      for (const { errorCode } of found) failOn(errorCode, "ListOffsets");
      return new Map(found.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
    },
  };
}

function metadataOf({ errorCode, partitions }: metadataV6.MetadataResponseTopic): TopicMetadata {
  return {
    errorCode,
    leaders: new Map(
      partitions.map((
        { partitionIndex, leaderId },
      ) => [partitionIndex, leaderId < 0 ? undefined : leaderId]),
    ),
  };
}
