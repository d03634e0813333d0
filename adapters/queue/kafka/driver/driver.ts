/**
 * The wing `driver` is the seam between what decides and the client libraries, and what failed
 * requests mean on both sides of it. Everything that decides (batching, order, retrying, giving up,
 * groups, positions) is written once, above this, so that the clients behave alike.
 *
 * This file is what a client library has to give: connections and single requests.
 *
 * Every method makes at most one request of its kind and no attempt to repeat it. It rejects with a
 * `KafkaProtocolError` where the broker answered with an error code, with a `BrokerUnreachable`
 * where nothing was sent, otherwise with the client's own error, whose `name` (or that of one of
 * its causes) is a key of `faultNames`.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { ProducerIdentity } from "../wire/batch_format.ts";
import type { LentUnpack } from "../wire/compression.ts";
import type { FetchedPartition } from "../wire/fetch_answer.ts";
import type { KafkaFault } from "./fault.ts";

export interface KafkaDriver {
  /** The client's error names and what they mean. */
  readonly faultNames: Readonly<Record<string, KafkaFault>>;
  /**
   * Connections of one party (the publisher, a subscription), so that nobody waits behind another's
   * long poll. Opens no socket before the first request.
   */
  connect(): KafkaConnections;
}

export interface KafkaConnections {
  /** Asks any broker, another one after each failure. Never creates the topics. */
  metadata(topics: readonly string[]): Promise<ClusterMetadata>;
  createTopic(request: CreateTopicRequest): Promise<void>;
  /** The topic's settings, of those that are asked for; takes the right DescribeConfigs. */
  topicConfig(topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  produce(node: number, request: ProduceRequest): Promise<Produced>;
  /**
   * A new producer, by whose number brokers know batches that they have appended already; any
   * broker gives one.
   */
  initProducer(): Promise<ProducerIdentity>;
  fetch(node: number, request: FetchRequest): Promise<readonly FetchedPartition[]>;
  /** An offset for each partition; -1 where no record is so late. */
  listOffsets(node: number, request: ListOffsetsRequest): Promise<ReadonlyMap<number, bigint>>;
  /** The node that coordinates the group. */
  findCoordinator(group: string): Promise<number>;
  /** Waits until all members have come, or the rebalance time-out is over. */
  joinGroup(node: number, request: JoinGroupRequest): Promise<JoinedGroup>;
  /** The partitions of `topic` that fall to this member. */
  syncGroup(node: number, request: SyncGroupRequest): Promise<readonly number[]>;
  heartbeat(node: number, membership: Membership): Promise<void>;
  leaveGroup(node: number, membership: Membership): Promise<void>;
  commitOffset(node: number, request: CommitRequest): Promise<void>;
  /** Positions of the group; a partition without one is absent. */
  fetchOffsets(
    node: number,
    request: OffsetsRequest,
  ): Promise<ReadonlyMap<number, StoredPosition>>;
  /** Positions of the group in all topics. */
  fetchAllOffsets(
    node: number,
    group: string,
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, StoredPosition>>>;
  /** The groups that this node coordinates. */
  listGroups(node: number): Promise<readonly ListedGroup[]>;
  /** A group whose members divide the partitions themselves; undefined where it is not one. */
  describeGroup(node: number, group: string): Promise<GroupDescription | undefined>;
  /** A group for which the broker divides them (KIP-848); undefined where it is not one. */
  describeNewGroup(node: number, group: string): Promise<GroupDescription | undefined>;
  /** Drops all sockets at once; requests under way reject. May be used again afterwards. */
  drop(): void;
  /** Drops all sockets for good: later requests reject. */
  close(): void;
}

/** The requests of a member of a group. */
export type GroupRequests = Pick<
  KafkaConnections,
  | "findCoordinator"
  | "joinGroup"
  | "syncGroup"
  | "heartbeat"
  | "leaveGroup"
  | "commitOffset"
  | "fetchOffsets"
>;

/** What is asked about groups by whoever is no member. */
export type OperatorRequests = Pick<
  KafkaConnections,
  "fetchAllOffsets" | "listGroups" | "describeGroup" | "describeNewGroup"
>;

export interface ListedGroup {
  readonly group: string;
  /** The protocol of its members, as `consumer`; empty where it has had none. */
  readonly kind: string;
}

/**
 * How members of ours divide the partitions: kafkajs's name for it, so that its consumers, and
 * members on either client, can be in one group.
 */
export const assignmentProtocol = "RoundRobinAssigner";

export interface GroupDescription {
  readonly kind: string;
  /** How partitions are divided; empty where there are no members. */
  readonly division: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly memberId: string;
  /** What the member's program calls itself. */
  readonly clientId: string;
  readonly host: string;
  /** Empty also where what the member has cannot be read. */
  readonly assignment: Assignment;
}

export interface ClusterMetadata {
  readonly brokerCount: number;
  /** The brokers' numbers. */
  readonly nodes: readonly number[];
  readonly topics: ReadonlyMap<string, TopicMetadata>;
}

export interface TopicMetadata {
  /** The broker's error code; 0 is none. */
  readonly errorCode: number;
  /** What a topic that is made again under the same name has anew; undefined: none is told. */
  readonly id: string | undefined;
  /** Partition → the node that leads it; undefined while it has no leader. */
  readonly leaders: ReadonlyMap<number, number | undefined>;
}

export interface CreateTopicRequest {
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  /** The broker says whether it would make it, and makes nothing. Default: false. */
  readonly isTried?: boolean;
}

export interface ProduceRequest {
  readonly topic: string;
  readonly partition: number;
  /**
   * A record batch in Kafka's format 2, checksum and all: the client sends these bytes as they are.
   */
  readonly batch: Uint8Array;
}

export interface Produced {
  /** Of the first record; the others follow it without gaps. */
  readonly baseOffset: bigint;
  /** The broker's time where the topic is so configured, else undefined. */
  readonly appendTime: number | undefined;
}

export interface FetchRequest {
  readonly topic: string;
  /** Where known, the topic with this id and no other of its name. */
  readonly topicId: string | undefined;
  readonly positions: ReadonlyMap<number, bigint>;
  /** How long the broker may wait for records. */
  readonly maxWaitMs: number;
  readonly maxPartitionBytes: number;
}

export interface ListOffsetsRequest {
  readonly topic: string;
  readonly partitions: readonly number[];
  /**
   * The first record at this time or later, in milliseconds since the epoch; or one of `listedAt`.
   */
  readonly timestamp: number;
  /** Counts what is in open transactions, too. Default: false. */
  readonly isWritten?: boolean;
}

/**
 * The protocol's numbers for the oldest record, and for the end up to which records are committed.
 */
export const listedAt = { earliest: -2, latest: -1 } as const;

export interface JoinGroupRequest {
  readonly group: string;
  readonly topic: string;
  /** Empty for a new member. */
  readonly memberId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface JoinedGroup {
  /**
   * Undefined: a new member has been told its id, and has to join once more with that (KIP-394).
   */
  readonly generation: number | undefined;
  readonly memberId: string;
  /** Members and the topics that they want; only the leader gets them, to divide the partitions. */
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
}

export interface Membership {
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
}

/** Topic → partitions. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

export interface SyncGroupRequest extends Membership {
  readonly topic: string;
  /** Member → its partitions; empty where this member is not the leader. */
  readonly assignments: ReadonlyMap<string, Assignment>;
}

export interface CommitRequest extends Membership {
  readonly topic: string;
  /** Is kept with the positions, and given back with them. */
  readonly note: string;
  readonly positions: ReadonlyMap<number, bigint>;
}

/** Where a group stands. */
export interface StoredPosition {
  readonly offset: bigint;
  /** As whoever stored it gave it. */
  readonly note: string;
}

export interface OffsetsRequest {
  readonly group: string;
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** How to speak to the brokers. */
export interface KafkaSecurity {
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** With SASL. Default: `PLAIN`. */
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username?: string;
  readonly password?: string;
  /**
   * With SSL: certificates of an own authority, PEM text. Asked for with each connection, as it may
   * have been replaced. Default: the system's.
   */
  readonly caPem?: string;
}

/** What a driver is opened with. */
export interface DriverOptions {
  /** host:port, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly security: KafkaSecurity;
  /** Until a connection is made and has been authenticated. */
  readonly connectTimeoutMs: number;
  /** Until a request is answered. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  readonly lentUnpack: LentUnpack;
}
