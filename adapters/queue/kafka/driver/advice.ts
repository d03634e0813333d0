/**
 * What operators are told of a failed request: what is, and what to do about it. Never in a
 * client's own words, which may quote what is secret.
 */
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import type { QueueHealth } from "../../../../src/ports/queue_health.ts";
import { BrokerUnreachable, causesOf, codeOf, type KafkaFault, protocolCodeOf } from "./fault.ts";
import { protocolCode } from "./protocol_codes.ts";

export type Degraded = Extract<QueueHealth, { status: "degraded" }>;

export const degraded = (reason: QueueErrorCode, detail: string): Degraded => ({
  status: "degraded",
  reason,
  detail,
});

/** @param what Was tried: `ask for topic "t"`. */
export function adviseOn(error: unknown, fault: KafkaFault, what: string): Degraded {
  if (error instanceof QueueError) return degraded(error.code, error.message);
  const links = [...causesOf(error)];
  const code = links.map(protocolCodeOf).find((each) => each !== undefined);
  const system = links.map(systemCodeOf).find((each) => each !== undefined);
  const unreached = links.find((link) => link instanceof BrokerUnreachable);
  const is = fault === "unreachable" && unreached ? unreached.message : `Could not ${what}`;
  const cause = code === undefined ? system : `error code ${code}, ${protocolCode(code).name}`;
  const because = cause === undefined ? "" : ` (${cause})`;
  return degraded(codeOf(fault), `${is}${because}: ${adviceOn(fault, code, system)}`);
}

/** The same as an error, for whoever asked. */
export function explained(cause: unknown, fault: KafkaFault, what: string): QueueError {
  const { reason, detail } = adviseOn(cause, fault, what);
  return new QueueError(reason, detail, { cause });
}

function adviceOn(
  fault: KafkaFault,
  code: number | undefined,
  system: string | undefined,
): string {
  const known = code === undefined ? undefined : protocolCode(code).advice;
  if (known !== undefined) return known;
  if (fault === "unauthorized") {
    return "the broker refuses the user or the password; mend mq.kafka.sasl_username and mq.kafka.sasl_password (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD)";
  }
  if (system !== undefined) return adviceOnSystem(system);
  return advices[fault];
}

const checkProtocol =
  "look whether mq.kafka.security_protocol (KAFKA_SECURITY_PROTOCOL) is what this port speaks";

const advices: Readonly<Record<KafkaFault, string>> = {
  unreachable: `the broker ends connections or does not answer; ${checkProtocol}`,
  connection: `the broker ends connections; ${checkProtocol}`,
  timeout: "no answer; look whether the broker hangs, or something between drops packets",
  stale_metadata: "a broker that leads partitions is away or about to move; start what is stopped",
  not_now:
    "the topic has too few replicas in sync, or the broker is loading; start what is stopped",
  too_large:
    "the request is over the topic's max.message.bytes; it is halved, and a record that is too large alone is given up; raise max.message.bytes, or lower mq.kafka.batch_bytes",
  invalid_record:
    "a record breaks a rule of the topic (a compacted one wants a key); it is searched for, and given up alone",
  invalid_timestamp:
    "a record's time is too far from the broker's clock; it is sent with a time that the topic allows, its own in a header; look at both clocks",
  unconfirmed: "replicas do not confirm in time; start the brokers that hold them",
  unauthorized: "the broker refuses the user; mend what it logs in with, or its rights",
  producer_fatal: "the broker has lost the numbers of this producer; it begins anew",
  offset_out_of_range: "retention has removed what was to be read; reading goes on with the oldest",
  corrupt:
    "what the broker sends cannot be read, or what it was sent did not arrive whole; look at the broker's disk and at what stands between",
  rejoin: "the group changes; it is joined again",
  unknown_member: "the group does not know this member any more; it is joined anew",
  other_members:
    "other programs are in the group, and divide partitions in another way (kcat, the Java client's cooperative-sticky or range); end them, or give them another group",
  coordinator_moved: "the broker that keeps the group is away or moves; start what is stopped",
  topic_exists: "somebody has just made the topic; it is looked for again",
  unknown: "nobody has thought of it; it is tried again until it succeeds",
  unsupported: "the broker is too old, or lacks a feature; wanted Apache Kafka 3.7 or later",
};

function adviceOnSystem(code: string): string {
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code)) {
    return "the broker's certificate is not valid at this time; renew it, or set the clock";
  }
  if (/ALTNAME|HOSTNAME/.test(code)) {
    return "the broker's certificate is for another host; name the broker in mq.brokers and in its advertised listeners as its certificate does";
  }
  if (/CERT|VERIFY|ISSUER/.test(code)) {
    return "the broker's certificate is not trusted; set mq.kafka.ssl_ca_file to the PEM file of the authority that signed it; a file that changes is read again, without a restart";
  }
  if (/SSL|TLS|EPROTO/.test(code)) return `TLS failed; ${checkProtocol}`;
  if (/ENOTFOUND|EAI_/.test(code)) {
    return "its name is not known here; mend mq.brokers (KAFKA_BOOTSTRAP_SERVERS), or the name that the broker advertises";
  }
  if (code === "ECONNREFUSED") {
    return "nothing listens there; start the broker, or mend mq.brokers (KAFKA_BOOTSTRAP_SERVERS) or what the broker advertises";
  }
  if (code === "ECONNRESET" || code === "EPIPE") return advices.connection;
  return "look whether the network leads to the broker";
}

/**
 * What the operating system or TLS says, as text; clients have text codes of their own, which say
 * nothing to operators.
 */
function systemCodeOf(link: unknown): string | undefined {
  if (!(link instanceof Error) || !("code" in link) || typeof link.code !== "string") return;
  return /^[A-Z][A-Z0-9_]+$/.test(link.code) && !link.code.startsWith("PLT_")
    ? link.code
    : undefined;
}
