/**
 * Every error code of Kafka's protocol, as in org.apache.kafka.common.protocol.Errors of 4.3: its
 * name, what it means to the program, and what an operator does about it where the fault's own
 * advice does not say. A test holds it against lists that others keep.
 */
import type { KafkaFault } from "./fault.ts";

export interface ProtocolCode {
  readonly name: string;
  readonly fault: KafkaFault;
  /** What to do; absent where the fault's advice says it. */
  readonly advice?: string;
}

type Row = readonly [code: number, name: string, fault: KafkaFault, advice?: string];

const elsewhere =
  "no request that is made here is answered so; look what stands between this process and the brokers (a proxy, another product that speaks Kafka's protocol)";
const ownFailure =
  "the broker failed over it for a reason of its own, which its server.log tells; it is tried again until it succeeds";
const lostPlace =
  "the broker has lost the numbers of this producer; it begins anew, and readers know repeated events by their id";
const disk = "the broker cannot use its disk; look at its space, its health and its rights";
const groupRight = "its user lacks a right; grant it Read on the group";
const clusterRight =
  "its user lacks a right; grant it Create on the topic, or set mq.topics to validate and make the topic by hand; with mq.kafka.idempotent before Kafka 3.0 grant it IdempotentWrite on the cluster";
const tokens =
  "delegation tokens are not used here; look which user the listener takes this one for";

/** Those that answer a request that is made here. */
const met: readonly Row[] = [
  [-1, "UNKNOWN_SERVER_ERROR", "unknown", ownFailure],
  [1, "OFFSET_OUT_OF_RANGE", "offset_out_of_range"],
  [2, "CORRUPT_MESSAGE", "corrupt"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "stale_metadata"], // True only when fresh metadata says so too.
  [5, "LEADER_NOT_AVAILABLE", "stale_metadata"],
  [6, "NOT_LEADER_OR_FOLLOWER", "stale_metadata"],
  [7, "REQUEST_TIMED_OUT", "unconfirmed"], // At the broker: replicas did not confirm in time.
  [8, "BROKER_NOT_AVAILABLE", "not_now", "a broker that is needed is away; start what is stopped"],
  [9, "REPLICA_NOT_AVAILABLE", "stale_metadata"],
  [10, "MESSAGE_TOO_LARGE", "too_large"],
  [13, "NETWORK_EXCEPTION", "connection"],
  [14, "COORDINATOR_LOAD_IN_PROGRESS", "not_now"], // 0.3 to 0.5 s on a fresh broker.
  [15, "COORDINATOR_NOT_AVAILABLE", "coordinator_moved"],
  [16, "NOT_COORDINATOR", "coordinator_moved"],
  [
    17,
    "INVALID_TOPIC_EXCEPTION",
    "unknown",
    "the cluster does not take this topic name: it is invalid, or differs from that of another topic only in . and _ (a.b beside a_b); set mq.topic to another name, or delete the other topic",
  ],
  [18, "RECORD_LIST_TOO_LARGE", "too_large"],
  [19, "NOT_ENOUGH_REPLICAS", "not_now"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "unconfirmed"],
  [22, "ILLEGAL_GENERATION", "rejoin"],
  [23, "INCONSISTENT_GROUP_PROTOCOL", "other_members"],
  [
    24,
    "INVALID_GROUP_ID",
    "unsupported",
    "the cluster does not take this name of a group; choose another",
  ],
  [25, "UNKNOWN_MEMBER_ID", "unknown_member"],
  [
    26,
    "INVALID_SESSION_TIMEOUT",
    "unsupported",
    "the brokers do not allow a session of 10 s; set group.min.session.timeout.ms and group.max.session.timeout.ms so that 10,000 lies between them",
  ],
  [27, "REBALANCE_IN_PROGRESS", "rejoin"],
  [
    29,
    "TOPIC_AUTHORIZATION_FAILED",
    "unauthorized",
    "its user lacks a right; grant it Describe and Write on the topic (Read for those who consume), and Create where mq.topics is ensure",
  ],
  [30, "GROUP_AUTHORIZATION_FAILED", "unauthorized", groupRight],
  [31, "CLUSTER_AUTHORIZATION_FAILED", "unauthorized", clusterRight],
  [32, "INVALID_TIMESTAMP", "invalid_timestamp"],
  [
    33,
    "UNSUPPORTED_SASL_MECHANISM",
    "unauthorized",
    "the broker does not have this SASL mechanism; set mq.kafka.sasl_mechanism (KAFKA_SASL_MECHANISMS) to one that it has",
  ],
  [
    34,
    "ILLEGAL_SASL_STATE",
    "not_now",
    "the broker's sessions end before this client logs in anew; raise its connections.max.reauth.ms, which wants at least 3000; also look whether mq.kafka.security_protocol is what this port speaks",
  ],
  [35, "UNSUPPORTED_VERSION", "unsupported"], // The broker does not have it in this version.
  [
    36,
    "TOPIC_ALREADY_EXISTS",
    "topic_exists",
    "somebody has just made the topic; it is looked for again",
  ],
  [
    37,
    "INVALID_PARTITIONS",
    "unknown",
    "the cluster does not make a topic of so many partitions; mend mq.partitions",
  ],
  [
    38,
    "INVALID_REPLICATION_FACTOR",
    "unknown",
    "there are fewer brokers than replicas wanted; start more, or lower mq.replication",
  ],
  [
    39,
    "INVALID_REPLICA_ASSIGNMENT",
    "unknown",
    "the cluster cannot place the replicas; look whether all its brokers run, or lower mq.replication",
  ],
  [
    40,
    "INVALID_CONFIG",
    "unknown",
    "the cluster's defaults for new topics contradict each other (replicas and min.insync.replicas); mend them, or make the topic by hand",
  ],
  [41, "NOT_CONTROLLER", "stale_metadata"],
  [
    42,
    "INVALID_REQUEST",
    "unknown",
    "the broker cannot read the request; look what stands between (a proxy, another product that speaks Kafka's protocol), or choose the other client in mq.kafka.client",
  ],
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "unsupported"], // From before Kafka 0.11.
  [
    44,
    "POLICY_VIOLATION",
    "unknown",
    "a rule of this cluster forbids it; make the topic as the rule wants (its partitions, replicas), or mend mq.partitions and mq.replication",
  ],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "producer_fatal", lostPlace],
  [46, "DUPLICATE_SEQUENCE_NUMBER", "producer_fatal", lostPlace],
  [47, "INVALID_PRODUCER_EPOCH", "producer_fatal", lostPlace],
  [53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "unauthorized", clusterRight],
  [56, "KAFKA_STORAGE_ERROR", "not_now", disk],
  [57, "LOG_DIR_NOT_FOUND", "not_now", disk],
  [58, "SASL_AUTHENTICATION_FAILED", "unauthorized"],
  [59, "UNKNOWN_PRODUCER_ID", "producer_fatal", lostPlace],
  [
    60,
    "REASSIGNMENT_IN_PROGRESS",
    "not_now",
    "partitions are being moved; wait until that is over",
  ],
  [
    69,
    "GROUP_ID_NOT_FOUND",
    "unknown_member",
    "the group does not exist any more; it is joined anew",
  ],
  [70, "FETCH_SESSION_ID_NOT_FOUND", "stale_metadata"],
  [71, "INVALID_FETCH_SESSION_EPOCH", "stale_metadata"],
  [
    72,
    "LISTENER_NOT_FOUND",
    "stale_metadata",
    "the broker that leads has no listener of this name; give all brokers the same listeners",
  ],
  [74, "FENCED_LEADER_EPOCH", "stale_metadata"],
  [75, "UNKNOWN_LEADER_EPOCH", "stale_metadata"],
  [
    76,
    "UNSUPPORTED_COMPRESSION_TYPE",
    "unsupported",
    "the broker does not take this packing, or a record is packed in a way unknown here; mend mq.kafka.compression, or the topic's compression.type",
  ],
  [78, "OFFSET_NOT_AVAILABLE", "stale_metadata"],
  [79, "MEMBER_ID_REQUIRED", "rejoin"],
  [
    81,
    "GROUP_MAX_SIZE_REACHED",
    "not_now",
    "the group has as many members as the brokers allow; end some, or raise group.max.size",
  ],
  [82, "FENCED_INSTANCE_ID", "rejoin"],
  [87, "INVALID_RECORD", "invalid_record"],
  [
    88,
    "UNSTABLE_OFFSET_COMMIT",
    "not_now",
    "another member's transaction holds the group's positions; it ends, or times out at the broker",
  ],
  [
    89,
    "THROTTLING_QUOTA_EXCEEDED",
    "not_now",
    "a quota of the cluster holds this user back; raise it, or wait",
  ],
  [90, "PRODUCER_FENCED", "producer_fatal", lostPlace],
  [100, "UNKNOWN_TOPIC_ID", "stale_metadata"],
  [103, "INCONSISTENT_TOPIC_ID", "stale_metadata"],
  [106, "FETCH_SESSION_TOPIC_ID_ERROR", "stale_metadata"],
  [
    109,
    "OFFSET_MOVED_TO_TIERED_STORAGE",
    "not_now",
    "the records were moved to tiered storage; look whether the brokers reach it",
  ],
  [110, "FENCED_MEMBER_EPOCH", "unknown_member"],
  [111, "UNRELEASED_INSTANCE_ID", "rejoin"],
  [112, "UNSUPPORTED_ASSIGNOR", "other_members"],
  [113, "STALE_MEMBER_EPOCH", "rejoin"],
  [129, "REBOOTSTRAP_REQUIRED", "stale_metadata"],
];

/** Those that answer other requests: of administrators, brokers, transactions, share groups. */
const others: Readonly<Record<number, string>> = {
  4: "INVALID_FETCH_SIZE",
  11: "STALE_CONTROLLER_EPOCH",
  12: "OFFSET_METADATA_TOO_LARGE",
  21: "INVALID_REQUIRED_ACKS",
  28: "INVALID_COMMIT_OFFSET_SIZE",
  48: "INVALID_TXN_STATE",
  49: "INVALID_PRODUCER_ID_MAPPING",
  50: "INVALID_TRANSACTION_TIMEOUT",
  51: "CONCURRENT_TRANSACTIONS",
  52: "TRANSACTION_COORDINATOR_FENCED",
  54: "SECURITY_DISABLED",
  55: "OPERATION_NOT_ATTEMPTED",
  68: "NON_EMPTY_GROUP",
  73: "TOPIC_DELETION_DISABLED",
  77: "STALE_BROKER_EPOCH",
  80: "PREFERRED_LEADER_NOT_AVAILABLE",
  83: "ELIGIBLE_LEADERS_NOT_AVAILABLE",
  84: "ELECTION_NOT_NEEDED",
  85: "NO_REASSIGNMENT_IN_PROGRESS",
  86: "GROUP_SUBSCRIBED_TO_TOPIC",
  91: "RESOURCE_NOT_FOUND",
  92: "DUPLICATE_RESOURCE",
  93: "UNACCEPTABLE_CREDENTIAL",
  94: "INCONSISTENT_VOTER_SET",
  95: "INVALID_UPDATE_VERSION",
  96: "FEATURE_UPDATE_FAILED",
  97: "PRINCIPAL_DESERIALIZATION_FAILURE",
  98: "SNAPSHOT_NOT_FOUND",
  99: "POSITION_OUT_OF_RANGE",
  101: "DUPLICATE_BROKER_REGISTRATION",
  102: "BROKER_ID_NOT_REGISTERED",
  104: "INCONSISTENT_CLUSTER_ID",
  105: "TRANSACTIONAL_ID_NOT_FOUND",
  107: "INELIGIBLE_REPLICA",
  108: "NEW_LEADER_ELECTED",
  114: "MISMATCHED_ENDPOINT_TYPE",
  115: "UNSUPPORTED_ENDPOINT_TYPE",
  116: "UNKNOWN_CONTROLLER_ID",
  117: "UNKNOWN_SUBSCRIPTION_ID",
  118: "TELEMETRY_TOO_LARGE",
  119: "INVALID_REGISTRATION",
  120: "TRANSACTION_ABORTABLE",
  121: "INVALID_RECORD_STATE",
  122: "SHARE_SESSION_NOT_FOUND",
  123: "INVALID_SHARE_SESSION_EPOCH",
  124: "FENCED_STATE_EPOCH",
  125: "INVALID_VOTER_KEY",
  126: "DUPLICATE_VOTER",
  127: "VOTER_NOT_FOUND",
  128: "INVALID_REGULAR_EXPRESSION",
  130: "STREAMS_INVALID_TOPOLOGY",
  131: "STREAMS_INVALID_TOPOLOGY_EPOCH",
  132: "STREAMS_TOPOLOGY_FENCED",
  133: "SHARE_SESSION_LIMIT_REACHED",
};

const ofTokens: Readonly<Record<number, string>> = {
  61: "DELEGATION_TOKEN_AUTH_DISABLED",
  62: "DELEGATION_TOKEN_NOT_FOUND",
  63: "DELEGATION_TOKEN_OWNER_MISMATCH",
  64: "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
  65: "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
  66: "DELEGATION_TOKEN_EXPIRED",
  67: "INVALID_PRINCIPAL_TYPE",
};

const table = new Map<number, ProtocolCode>([
  ...met.map(([code, name, fault, advice]) =>
    [code, { name, fault, ...(advice !== undefined && { advice }) }] as const
  ),
  ...named(others, elsewhere),
  ...named(ofTokens, tokens),
]);

function named(names: Readonly<Record<number, string>>, advice: string) {
  return Object.entries(names).map(([code, name]) =>
    [Number(code), { name, fault: "unknown", advice }] as const
  );
}

/** A code that no protocol of today has is retried, loudly: it must not empty a backlog. */
const later = (code: number): ProtocolCode => ({
  name: "unknown to this program",
  fault: "unknown",
  advice:
    `Kafka 4.3 has no such code; look ${code} up in org.apache.kafka.common.protocol.Errors of the brokers' version; it is tried again until it succeeds`,
});

export const protocolCode = (code: number): ProtocolCode => table.get(code) ?? later(code);
