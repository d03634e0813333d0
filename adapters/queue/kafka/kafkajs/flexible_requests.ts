/**
 * Requests in versions that kafkajs does not have: of those with lengths of variable size it knows
 * two others only.
 */
import Encoder from "kafkajs/src/protocol/encoder.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import { Buffer } from "node:buffer";
import { type ByteReader, createByteReader } from "../wire/byte_reader.ts";
import { topicIdBytes, topicIdOf } from "../wire/topic_id.ts";
import type { KafkajsRequest } from "./internals.ts";

/** The first that tells topic ids: Kafka 2.8. */
export const metadataVersion = 10;

const noTags = 0;

/** @param read What it gives is the answer; from behind the header on. */
export function flexible(
  apiKey: number,
  apiVersion: number,
  body: Uint8Array,
  read: (body: Uint8Array) => unknown,
): KafkajsRequest {
  // The header of such versions ends with tags, which kafkajs leaves to the body.
  function encode(): unknown {
    const encoder = new Encoder(body.length + 1).writeInt8(noTags);
    encoder.writeBufferInternal(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    return encoder;
  }
  return {
    request: { apiKey, apiVersion, apiName: `API ${apiKey}`, encode },
    response: {
      decode(raw) {
        const reader = createByteReader(raw as Uint8Array);
        reader.skipTags();
        return Promise.resolve(read(reader.bytes(reader.left)));
      },
      parse: (data) => data,
    },
  };
}

/** ConsumerGroupDescribe (KIP-848), which kafkajs does not know at all. */
export const newGroupKey = 69;
export const newGroupVersion = 0;

export function newGroupRequest(group: string): KafkajsRequest {
  const name = new Encoder(64).writeUVarIntString(group);
  const body = new Encoder(64)
    .writeUVarIntArray([name])
    .writeBoolean(false) // tells no rights
    .writeInt8(noTags).buffer;
  return flexible(newGroupKey, newGroupVersion, body, readNewGroups);
}

export interface NewGroup {
  readonly errorCode: number;
  readonly assignor: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly clientId: string;
    readonly host: string;
    readonly assignment: readonly (readonly [topic: string, partitions: readonly number[]])[];
  }[];
}

function readNewGroups(body: Uint8Array): readonly NewGroup[] {
  const reader = createByteReader(body);
  reader.skip(4); // how long it was throttled
  return reader.compactList((): NewGroup => {
    const errorCode = reader.int16();
    text(reader); // the error, in words
    text(reader); // the group
    text(reader); // its state
    reader.skip(8); // epochs
    const assignor = text(reader);
    const members = reader.compactList(() => readNewMember(reader));
    reader.skip(4); // rights
    reader.skipTags();
    return { errorCode, assignor, members };
  });
}

function readNewMember(reader: ByteReader): NewGroup["members"][number] {
  const memberId = text(reader);
  text(reader); // instance
  text(reader); // rack
  reader.skip(4); // epoch
  const clientId = text(reader);
  const host = text(reader);
  reader.compactList(() => text(reader)); // topics
  text(reader); // or their pattern
  const assignment = readNewAssignment(reader);
  readNewAssignment(reader); // what it shall have
  reader.skipTags();
  return { memberId, clientId, host, assignment };
}

function readNewAssignment(reader: ByteReader) {
  const topics = reader.compactList(() => {
    reader.skip(topicIdBytes);
    const topic = text(reader);
    const partitions = reader.compactList(() => reader.int32());
    reader.skipTags();
    return [topic, partitions] as const;
  });
  reader.skipTags();
  return topics;
}

export function topicMetadataRequest({ topics }: { readonly topics: readonly string[] }) {
  const body = new Encoder(64)
    .writeUVarIntArray(topics.map((topic) => {
      const byName = new Encoder(64);
      byName.writeBufferInternal(Buffer.alloc(topicIdBytes));
      return byName.writeUVarIntString(topic).writeInt8(noTags);
    }))
    .writeBoolean(false) // makes no topics
    .writeBoolean(false) // tells no rights of the cluster
    .writeBoolean(false) // nor of topics
    .writeInt8(noTags).buffer;
  return flexible(apiKeys.Metadata, metadataVersion, body, readMetadata);
}

/** In the words of kafkajs's own versions, and with ids. */
function readMetadata(body: Uint8Array) {
  const reader = createByteReader(body);
  reader.skip(4); // how long it was throttled
  const brokers = reader.compactList(() => {
    const broker = { nodeId: reader.int32(), host: text(reader), port: reader.int32() };
    text(reader); // rack
    reader.skipTags();
    return broker;
  });
  text(reader); // the cluster's id
  reader.skip(4); // the controller
  const topicMetadata = reader.compactList(() => {
    const topicErrorCode = reader.int16();
    const topic = text(reader);
    const topicId = topicIdOf(reader.bytes(topicIdBytes));
    reader.skip(1); // whether it is Kafka's own
    const partitionMetadata = reader.compactList(() => readPartition(reader));
    reader.skip(4); // rights
    reader.skipTags();
    return { topicErrorCode, topic, topicId, partitionMetadata };
  });
  return { brokers, topicMetadata };
}

function readPartition(reader: ByteReader) {
  reader.skip(2); // its own error: that it has no leader is seen by that
  const partition = { partitionId: reader.int32(), leader: reader.int32() };
  reader.skip(4); // epoch
  // All replicas, those in sync, those that are away.
  for (let list = 0; list < 3; list++) reader.compactList(() => reader.skip(4));
  reader.skipTags();
  return partition;
}

/** Its length is one larger; 0 is none. */
const text = (reader: ByteReader): string => reader.text(Math.max(0, reader.uvarint() - 1));
