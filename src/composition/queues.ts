/** Opens the log that the configuration names. */
import type { KafkaLogOptions } from "../../adapters/queue/kafka/kafka_log.ts";
import type { KafkaSecurity } from "../../adapters/queue/kafka/driver/driver.ts";
import { queueAdapters, type QueueName } from "../../adapters/queue/registry.ts";
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { LogGuarantees } from "../ports/log_guarantees.ts";
import type { Telemetry } from "../ports/telemetry.ts";

const hourMs = 3_600_000;
/** How long closing waits for the brokers, where no buffer keeps what they have not taken. */
const closeTimeoutMs = 8_000;

export interface OpenLogOptions {
  /** Topics that are made or looked for at once, as `mq.topics` says. Default: none, for a log that is only read. */
  readonly topics?: readonly string[];
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/** What all of them take. */
export type CommonOptions = Required<Pick<OpenLogOptions, "topics">> & OpenLogOptions & {
  readonly topicPolicy: Config["mq"]["topics"];
};

/** One row an adapter: a name in the registry without one does not compile. */
export const queues: Record<
  QueueName,
  (mq: Config["mq"], common: CommonOptions) => Promise<EventLog>
> = {
  async memory({ memory }, common) {
    const { openMemoryLog } = await queueAdapters.memory();
    const { max_records: maxRecords, max_bytes: maxBytes } = memory;
    return openMemoryLog({ ...common, maxRecords, maxBytes });
  },
  async file({ file, topic }, common) {
    const { openFileLog } = await queueAdapters.file();
    return await openFileLog({
      ...common,
      directory: file.directory,
      segmentBytes: file.segment_bytes,
      maxBytes: file.max_bytes,
      maxAgeMs: file.max_age_hours * hourMs,
      keepDeliveredMs: file.keep_delivered_hours * hourMs,
      requiredGroups: file.required_groups,
      retainPastGroups: file.retain_past_groups,
      reserveBytes: file.reserve_bytes,
      reservedTopics: [deadLetterTopic(topic)],
      skipCorrupt: file.skip_corrupt,
    });
  },
  kafka(mq, common) {
    const { max_bytes: maxBytes, delivery_timeout_ms: deliveryTimeoutMs } = mq.kafka;
    return openKafka(mq, common, { maxBytes, deliveryTimeoutMs, closeTimeoutMs });
  },
};

/** With bounds that are not the configuration's own. */
export async function openKafka(
  { brokers, partitions, replication, kafka }: Config["mq"],
  common: CommonOptions,
  bounds: Required<Pick<KafkaLogOptions, "maxBytes" | "deliveryTimeoutMs" | "closeTimeoutMs">>,
): Promise<EventLog> {
  const { openKafkaLog } = await queueAdapters.kafka();
  return await openKafkaLog({
    ...common,
    ...bounds,
    ...cluster({ brokers, kafka }),
    compression: kafka.compression,
    idempotent: kafka.idempotent,
    partitions,
    // 0 leaves it to the adapter: three, or as many as there are brokers.
    ...(replication > 0 && { replication }),
    lingerMs: kafka.linger_ms,
    batchBytes: kafka.batch_bytes,
  });
}

/** Which brokers, and how they are spoken to. */
export const cluster = ({ brokers, kafka }: Pick<Config["mq"], "brokers" | "kafka">) => ({
  brokers,
  client: kafka.client,
  security: kafkaSecurity(kafka),
});

/** Absent text is "" in the configuration, and absent for the adapter. */
function kafkaSecurity(kafka: Config["mq"]["kafka"]): KafkaSecurity {
  const { security_protocol, sasl_mechanism, sasl_username, sasl_password, ssl_ca_pem } = kafka;
  return {
    protocol: security_protocol,
    ...(sasl_mechanism !== "" && {
      mechanism: sasl_mechanism,
      username: sasl_username,
      password: sasl_password,
    }),
    ...(ssl_ca_pem !== "" && { caPem: ssl_ca_pem }),
  };
}

/** Opens the log that `mq.adapter` names. */
export function openEventLog(config: Config, options: OpenLogOptions = {}): Promise<EventLog> {
  const { adapter, topics: topicPolicy } = config.mq;
  return queues[adapter](config.mq, { topics: [], ...options, topicPolicy });
}

/** What the adapter that `mq.adapter` names declares. */
export async function logGuarantees(config: Config): Promise<LogGuarantees> {
  return (await queueAdapters[config.mq.adapter]()).guarantees;
}
