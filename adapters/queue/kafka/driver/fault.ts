/**
 * What a failed request means, for both clients. Programs act upon protocol code numbers and error
 * names, never on texts. Clients hide the true cause (kafkajs calls a refused connection "not
 * retriable"), so the whole chain of causes is looked through.
 */
import type { QueueErrorCode } from "../../../../src/ports/queue_error.ts";

export type KafkaFault = keyof typeof faults;

interface FaultFacts {
  /** How the publisher's or reader's caller sees it when the adapter gives up. */
  readonly code: QueueErrorCode;
  /** Whether a record may stand in the topic though its request failed so. */
  readonly mayStand: boolean;
}

const faults = {
  /** No connection could be made: nothing was sent. */
  unreachable: { code: "unavailable", mayStand: false },
  /** The connection ended while a request was under way. */
  connection: { code: "unavailable", mayStand: true },
  timeout: { code: "timeout", mayStand: true },
  /** The broker that was asked is not, or not yet, the right one. */
  stale_metadata: { code: "unavailable", mayStand: false },
  /** The broker can not take or give just now. */
  not_now: { code: "unavailable", mayStand: false },
  /** It could not confirm, but may have written. */
  unconfirmed: { code: "unavailable", mayStand: true },
  /** Of the whole record batch, not of a record. */
  too_large: { code: "too_large", mayStand: false },
  invalid_record: { code: "invalid_record", mayStand: false },
  /** Also where the neighbours' are good. */
  invalid_timestamp: { code: "invalid_record", mayStand: false },
  unauthorized: { code: "unauthorized", mayStand: false },
  /**
   * A producer with sequence numbers has lost its place: everything held is given up. Not seen
   * without such numbers.
   */
  producer_fatal: { code: "unavailable", mayStand: true },
  offset_out_of_range: { code: "corrupt", mayStand: false },
  corrupt: { code: "corrupt", mayStand: false },
  /** The member has to join the group again. */
  rejoin: { code: "revoked", mayStand: false },
  /** The same, as a new member. */
  unknown_member: { code: "revoked", mayStand: false },
  coordinator_moved: { code: "unavailable", mayStand: false },
  topic_exists: { code: "unavailable", mayStand: false },
  unsupported: { code: "unsupported", mayStand: false },
  /**
   * Retried like a broker that is away, loudly: an error nobody has thought of must not empty a
   * backlog.
   */
  unknown: { code: "unavailable", mayStand: true },
} as const satisfies Record<string, FaultFacts>;

/** Kafka's error codes, as in org.apache.kafka.common.protocol.Errors. */
const protocolCodes: Readonly<Record<number, KafkaFault>> = {
  1: "offset_out_of_range",
  2: "corrupt",
  3: "stale_metadata", // Unknown topic or partition: true only when fresh metadata says so too.
  5: "stale_metadata",
  6: "stale_metadata",
  7: "unconfirmed", // Request timed out, at the broker: replicas did not confirm in time.
  8: "not_now",
  9: "stale_metadata", // Replica not available.
  10: "too_large",
  14: "not_now", // Coordinator loading: 0.3 to 0.5 s on a fresh broker.
  15: "coordinator_moved",
  16: "coordinator_moved",
  18: "too_large",
  19: "not_now",
  20: "unconfirmed",
  22: "rejoin",
  25: "unknown_member",
  27: "rejoin",
  29: "unauthorized",
  30: "unauthorized",
  31: "unauthorized",
  32: "invalid_timestamp",
  33: "unauthorized", // The broker does not have the SASL mechanism.
  35: "unsupported", // The broker does not have the request, or not in this version.
  36: "topic_exists",
  41: "stale_metadata", // Not the controller.
  43: "unsupported", // Records in a format from before Kafka 0.11.
  45: "producer_fatal",
  46: "producer_fatal",
  47: "producer_fatal",
  53: "unauthorized",
  56: "not_now",
  58: "unauthorized",
  59: "producer_fatal",
  72: "stale_metadata", // Listener not found on the leader.
  74: "stale_metadata",
  75: "stale_metadata",
  76: "unsupported", // Compression that this client or broker does not know.
  78: "stale_metadata",
  82: "rejoin", // Fenced instance id.
  87: "invalid_record",
  89: "not_now", // Throttled.
  90: "producer_fatal",
  100: "stale_metadata", // Unknown topic id.
};

/** No connection could be made, so that nothing was sent. */
export class BrokerUnreachable extends Error {
  override readonly name = "BrokerUnreachable";
}

const ownNames: Readonly<Record<string, KafkaFault>> = {
  BrokerUnreachable: "unreachable",
  KafkaDeadlineError: "timeout",
};

/**
 * The most telling fault in the chain of causes: a protocol code or a refused password behind an
 * unreachable broker says more than that it is unreachable.
 */
export function faultOf(
  error: unknown,
  clientNames: Readonly<Record<string, KafkaFault>>,
): KafkaFault {
  let found: KafkaFault | undefined;
  for (const link of causesOf(error)) {
    const code = protocolCodeOf(link);
    if (code !== undefined) return faultOfCode(code);
    const fault = namesOf(link).map((name) => ownNames[name] ?? clientNames[name]).find(Boolean);
    if (fault === "unauthorized" || fault === "unsupported") return fault;
    found ??= fault;
  }
  return found ?? "unknown";
}

/** @platformatic/kafka's errors are all named "Error": their classes tell them apart. */
const namesOf = (link: unknown): readonly string[] =>
  link instanceof Error ? [link.name, link.constructor.name] : [];

export const faultOfCode = (code: number): KafkaFault => protocolCodes[code] ?? "unknown";
export const codeOf = (fault: KafkaFault): QueueErrorCode => faults[fault].code;
export const mayStandAfter = (fault: KafkaFault): boolean => faults[fault].mayStand;

/** A number: what the operating system says of a socket ("ECONNREFUSED") is text. */
export function protocolCodeOf(link: unknown): number | undefined {
  if (!(link instanceof Error) || !("code" in link)) return undefined;
  return typeof link.code === "number" ? link.code : undefined;
}

/** The error itself, and what is behind it. */
export function* causesOf(error: unknown): Generator<unknown> {
  // A chain that bites its own tail would never end.
  for (let link = error, depth = 0; link !== undefined && link !== null && depth < 10; depth++) {
    yield link;
    link = link instanceof Error ? link.cause : undefined;
  }
}
