/**
 * The inner modules of kafkajs that the driver stands on, and their shape as of 2.2.4: the version
 * is pinned exactly, and a test fails when they move. The public producer and consumer are not
 * used: they retry, regroup and rejoin on their own account, lose acknowledged messages when
 * idempotent, and reading without a group is not among what they can do.
 */
import { AssignerProtocol } from "kafkajs";
import Broker from "kafkajs/src/broker/index.js";
import loggers from "kafkajs/src/loggers/index.js";
import ConnectionPool from "kafkajs/src/network/connectionPool.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import protocol from "kafkajs/src/protocol/requests/index.js";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { fetchVersion } from "../wire/fetch_answer.ts";
import { encodeFetchById, type FetchById, fetchByIdVersion } from "../wire/fetch_request.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";
import {
  flexible,
  metadataVersion,
  newGroupKey,
  newGroupRequest,
  newGroupVersion,
  topicMetadataRequest,
} from "./flexible_requests.ts";

export interface KafkajsBroker {
  readonly connectionPool: KafkajsConnectionPool;
  isConnected(): boolean;
  /** Connects, asks for the API versions, authenticates. */
  connect(): Promise<void>;
  lookupRequest(apiKey: number, definition: unknown): (request: unknown) => KafkajsRequest;
}

export interface KafkajsRequest {
  readonly request: unknown;
  readonly response: { decode(raw: unknown): Promise<unknown>; parse(data: unknown): unknown };
  readonly requestTimeout?: number;
}

export interface KafkajsConnectionPool {
  readonly pool: readonly { readonly requestQueue: KafkajsRequestQueue }[];
  send(request: KafkajsRequest & { readonly logResponseError: false }): Promise<unknown>;
}

export interface KafkajsRequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

export interface SocketRequest {
  readonly host: string;
  readonly port: number;
  readonly ssl: { readonly ca?: readonly string[] } | null;
  onConnect(): void;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly ssl: SocketRequest["ssl"];
  readonly sasl: { mechanism: string; username: string; password: string } | null;
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly socketFactory: (request: SocketRequest) => Socket;
}

export interface EncodedProduce {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Uint8Array;
  readonly timeoutMs: number;
}

interface OffsetFetch {
  readonly groupId: string;
  readonly topics?: readonly unknown[];
}

const allTopics = -1;

/**
 * What the driver asks for, as kafkajs defines it; but record batches go out as they are given, and
 * come in as they are.
 */
const definitions = {
  ...protocol.requests,
  Produce: {
    versions: protocol.requests.Produce.versions,
    protocol: ({ version }: { version: number }) => (produce: EncodedProduce): KafkajsRequest => {
      const { request, response } = protocol.requests.Produce.protocol({ version })({});
      return { response, request: { ...request, encode: () => encodeProduce(produce) } };
    },
  },
  /** Of older brokers without topic ids. */
  Metadata: {
    versions: [...protocol.requests.Metadata.versions, String(metadataVersion)],
    protocol: ({ version }: { version: number }) => (request: unknown): KafkajsRequest => {
      if (version < metadataVersion) {
        const known = Math.max(...protocol.requests.Metadata.versions.map(Number));
        const own = { version: Math.min(version, known) };
        return protocol.requests.Metadata.protocol(own)(request);
      }
      return topicMetadataRequest(request as { readonly topics: readonly string[] });
    },
  },
  /** Without topics it asks for all of them, which kafkajs's own cannot say. */
  OffsetFetch: {
    versions: protocol.requests.OffsetFetch.versions,
    protocol: ({ version }: { version: number }) => (wanted: OffsetFetch): KafkajsRequest => {
      const { groupId, topics } = wanted;
      const made = protocol.requests.OffsetFetch.protocol({ version })({
        groupId,
        topics: topics ?? [],
      });
      if (topics !== undefined) return made;
      const encode = () => new Encoder(64).writeString(groupId).writeInt32(allTopics);
      return { ...made, request: { ...made.request, encode } };
    },
  },
  ConsumerGroupDescribe: {
    versions: [String(newGroupVersion)],
    protocol: () => (group: string): KafkajsRequest => newGroupRequest(group),
  },
  FetchById: {
    versions: [String(fetchByIdVersion)],
    protocol: ({ version }: { version: number }) => (request: unknown): KafkajsRequest => {
      if (version < fetchByIdVersion) {
        throw new KafkaProtocolError(errorCodes.unsupportedVersion, "Fetch");
      }
      const body = encodeFetchById(request as FetchById);
      return flexible(apiKeys.Fetch, fetchByIdVersion, body, (raw) => raw);
    },
  },
  Fetch: {
    versions: [String(fetchVersion)],
    protocol: ({ version }: { version: number }) => (request: unknown): KafkajsRequest => {
      const made = protocol.requests.Fetch.protocol({ version })(request);
      return { ...made, response: { ...made.response, decode: (raw) => Promise.resolve(raw) } };
    },
  },
};

/** Versions 3 to 7, which brokers of this decade take, differ in their answers only. */
function encodeProduce({ topic, partition, batch, timeoutMs }: EncodedProduce): unknown {
  return new Encoder(batch.length + topic.length * 3 + 64)
    .writeString(null) // no transaction
    .writeInt16(-1) // acknowledged by all replicas that are in sync
    .writeInt32(timeoutMs)
    .writeInt32(1)
    .writeString(topic)
    .writeInt32(1)
    .writeInt32(partition)
    .writeBytes(Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength));
}

type ApiName = keyof typeof apis;
const apis = {
  Produce: 0,
  Fetch: 0,
  ListOffsets: 0,
  Metadata: 0,
  DescribeConfigs: 0,
  FetchById: 0,
  OffsetCommit: 0,
  OffsetFetch: 0,
  GroupCoordinator: 0,
  JoinGroup: 0,
  SyncGroup: 0,
  Heartbeat: 0,
  LeaveGroup: 0,
  ListGroups: 0,
  DescribeGroups: 0,
  ConsumerGroupDescribe: 0,
  CreateTopics: 0,
  InitProducerId: 0,
} as const;

/** A silent logger: what happens is told by the errors, once, above. */
const logger: unknown = loggers.createLogger({ level: 0, logCreator: () => () => {} });

/** So long before a session ends the client logs in anew. */
const reauthenticateMs = 1000;

export function createBroker(options: ConnectionOptions): KafkajsBroker {
  const connectionPool: KafkajsConnectionPool = new ConnectionPool({
    ...options,
    logger,
    enforceRequestTimeout: true,
    // The library's own 10 s would be the whole of a short session: it would log in anew with each
    // request, which brokers refuse.
    reauthenticationThreshold: reauthenticateMs,
  });
  for (const { requestQueue } of connectionPool.pool) calm(requestQueue);
  return new Broker({
    connectionPool,
    logger,
    authenticationTimeout: options.connectionTimeout,
    allowAutoTopicCreation: false,
  });
}

/**
 * After its first answer a request queue looks every millisecond for requests that wait, for ever:
 * 2 % of a core for each connection, and a TimeoutNegativeWarning. It needs to look only while
 * there are some.
 */
function calm(queue: KafkajsRequestQueue): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

/** Sends one request and gives the decoded answer, error codes and all. */
export async function sendRequest(
  broker: KafkajsBroker,
  api: ApiName,
  request: unknown,
): Promise<unknown> {
  const key = api === "ConsumerGroupDescribe"
    ? newGroupKey
    : apiKeys[api === "FetchById" ? "Fetch" : api];
  const made = broker.lookupRequest(key, definitions[api])(request);
  return await broker.connectionPool.send({
    ...made,
    // kafkajs's own parse() throws at the first error code and knows only some of them.
    response: { decode: (raw) => made.response.decode(raw), parse: (data) => data },
    logResponseError: false,
  });
}

export const { MemberAssignment, MemberMetadata } = AssignerProtocol;
