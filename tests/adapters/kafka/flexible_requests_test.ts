/** Our own bytes for versions that kafkajs lacks are those that the other library writes. */
import { describe, it } from "@std/testing/bdd";
import { fetchV13, metadataV10 } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { topicMetadataRequest } from "../../../adapters/queue/kafka/kafkajs/flexible_requests.ts";
import { createByteReader } from "../../../adapters/queue/kafka/wire/byte_reader.ts";
import { encodeFetchById } from "../../../adapters/queue/kafka/wire/fetch_request.ts";
import { bytesOfTopicId, topicIdOf } from "../../../adapters/queue/kafka/wire/topic_id.ts";

const topicId = "AAECAwQFBgcICQoLDA0ODw";
const uuid = "00010203-0405-0607-0809-0a0b0c0d0e0f";

describe("requests with lengths of variable size", () => {
  it("fetch by a topic's id", () => {
    for (const count of [1, 200]) {
      const positions = new Map(
        Array.from({ length: count }, (_, n) => [n, BigInt(n) * 10n ** 12n]),
      );
      const [maxWaitMs, maxBytes, maxPartitionBytes] = [500, 10_000_000, 1_000_000];
      const partitions = [...positions].map(([partition, fetchOffset]) => ({
        partition,
        fetchOffset,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
        partitionMaxBytes: maxPartitionBytes,
      }));
      const topics = [{ topicId: uuid, partitions }];
      assert.deepEqual(
        Buffer.from(
          encodeFetchById({ topicId, positions, maxWaitMs, maxBytes, maxPartitionBytes }),
        ),
        fetchV13.createRequest(maxWaitMs, 1, maxBytes, 1, 0, -1, topics, [], "").buffer,
      );
    }
  });

  it("ask for topics and their ids", () => {
    const topics = ["a", "naïve", "x".repeat(249)];
    const { request } = topicMetadataRequest({ topics });
    const encoded = (request as { encode(): { buffer: Buffer } }).encode().buffer;
    // The header ends with tags, of which there are none.
    assert.equal(encoded[0], 0);
    assert.deepEqual(encoded.subarray(1), metadataV10.createRequest(topics, false).buffer);
  });

  it("topic ids are written as Kafka's tools write them; 0 is none", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, n) => n);
    assert.equal(topicIdOf(bytes), topicId);
    assert.deepEqual(bytesOfTopicId(topicId), bytes);
    assert.equal(topicIdOf(new Uint8Array(16)), undefined);
  });

  it("tags that newer brokers add are passed over", () => {
    const reader = createByteReader(Uint8Array.of(2, 0, 1, 99, 7, 2, 98, 97, 42));
    reader.skipTags();
    assert.equal(reader.int8(), 42);
  });
});
