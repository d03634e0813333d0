/**
 * What a failed request means, for both clients. Programs act upon protocol code numbers and error
 * names, never on texts. Clients hide the true cause (kafkajs calls a refused connection "not
 * retriable"), so the whole chain of causes is looked through.
 */
import type { QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import { protocolCode } from "./protocol_codes.ts";

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
  /** Also where the neighbours' are good. Never the record's fault: it is sent with another. */
  invalid_timestamp: { code: "unavailable", mayStand: false },
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
  /** Others in the group divide partitions in a way that is not known here. */
  other_members: { code: "group_active", mayStand: false },
  coordinator_moved: { code: "unavailable", mayStand: false },
  topic_exists: { code: "unavailable", mayStand: false },
  unsupported: { code: "unsupported", mayStand: false },
  /**
   * Retried like a broker that is away, loudly: an error nobody has thought of must not empty a
   * backlog.
   */
  unknown: { code: "unavailable", mayStand: true },
} as const satisfies Record<string, FaultFacts>;

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

export const faultOfCode = (code: number): KafkaFault => protocolCode(code).fault;
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
