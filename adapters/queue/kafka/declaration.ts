/** What the program knows of Kafka; loads neither client nor anything else of it. */
import type { SettingFault } from "../../../src/ports/adapter_declaration.ts";
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { isLoopback } from "../../../src/domain/loopback.ts";
import { connectsTo, readsEnvironment } from "../../../src/ports/needed_permission.ts";
import { declareQueue } from "../../../src/ports/queue_declaration.ts";
import {
  addresses,
  certificates,
  flag,
  oneOf,
  oneOfCapitals,
  secret,
  text,
  type Values,
  wholeNumber,
} from "../../../src/ports/setting.ts";

export const guarantees: LogGuarantees = {
  durable: "cluster replicas",
  survivesRestart: true,
  order: "key",
  partitions: "many",
  processes: "many",
  groupMembers: "share",
  replay: true,
  maxRecordBytes: 1_048_000,
  needs: "an Apache Kafka cluster, 3.7 or later",
};

/** How long closing waits for the brokers, where no buffer keeps what they have not taken. */
const closeTimeoutMs = 8_000;
/** The same behind a buffer: the forwarder has waited before. */
const bufferedCloseTimeoutMs = 1_000;
/** Behind a buffer no search waits for the brokers: what it reads comes in few requests. */
const bufferedSendingBytes = 262_144;

const section = {
  client: oneOf(["kafkajs", "platformatic"], "kafkajs"),
  compression: oneOf(["none", "gzip", "zstd"], "none"),
  idempotent: flag(false),
  security_protocol: oneOfCapitals(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], "PLAINTEXT"),
  sasl_mechanism: oneOfCapitals(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", ""], ""),
  sasl_username: text(),
  sasl_password: secret(),
  ssl_ca_file: certificates(),
  max_bytes: wholeNumber(1024, 2 ** 40, 32 * 2 ** 20, "bytes"),
  delivery_timeout_ms: wholeNumber(1000, 86_400_000, 120_000, "ms"),
  linger_ms: wholeNumber(0, 1000, 5, "ms"),
  batch_bytes: wholeNumber(1024, 16 * 2 ** 20, 1_048_000, "bytes"),
} as const;

const beside = {
  brokers: addresses("localhost:9092"),
  partitions: wholeNumber(1, 10_000, 3),
  replication: wholeNumber(0, 32, 0),
} as const;

export type KafkaSettings = Values<typeof section> & Values<typeof beside>;

export const kafkaQueue = declareQueue({
  guarantees,
  place: "a Kafka cluster",
  section,
  beside,
  chosenBy: "brokers",
  // By which Kafka clouds hand out their settings.
  environment: {
    KAFKA_BOOTSTRAP_SERVERS: "brokers",
    KAFKA_SECURITY_PROTOCOL: "security_protocol",
    KAFKA_SASL_MECHANISMS: "sasl_mechanism",
    KAFKA_SASL_USERNAME: "sasl_username",
    KAFKA_SASL_PASSWORD: "sasl_password",
  },
  findFaults: securityFaults,
  // Brokers answer with the addresses of all brokers of their cluster, which nobody knows before.
  permissions: ({ brokers }) => [
    ...brokers.map((broker) => connectsTo("brokers", broker, { andOthers: true })),
    readsEnvironment,
  ],
  *cautions({ brokers, security_protocol: protocol }) {
    const away = brokers.find((broker) => !isLoopback(broker.replace(/:\d+$/, "")));
    if (protocol !== "SASL_PLAINTEXT" || away === undefined) return;
    yield `Credentials go to "${away}" without TLS, where who listens or stands in for the broker ` +
      "gets them, wanted mq.kafka.security_protocol: SASL_SSL";
  },
  facts: ({ brokers, client }) => ({ brokers, client }),
  async open(values, options) {
    const { openKafkaLog }: typeof import("./kafka_log.ts") = await import(
      import.meta.resolve("./kafka_log.ts")
    );
    const { clusterOf }: typeof import("./cluster_settings.ts") = await import(
      import.meta.resolve("./cluster_settings.ts")
    );
    const { isBuffered } = options;
    return await openKafkaLog({
      ...options,
      ...clusterOf(values),
      maxBytes: isBuffered ? Infinity : values.max_bytes,
      deliveryTimeoutMs: isBuffered ? Infinity : values.delivery_timeout_ms,
      closeTimeoutMs: options.closeTimeoutMs ??
        (isBuffered ? bufferedCloseTimeoutMs : closeTimeoutMs),
      compression: values.compression,
      idempotent: values.idempotent,
      partitions: values.partitions,
      ...replicationOf(values),
      lingerMs: values.linger_ms,
      ...(isBuffered && { worthSendingBytes: bufferedSendingBytes }),
      batchBytes: values.batch_bytes,
    });
  },
  probe: (values, { topic, topicPolicy, clock, oldestWaiting }) => ({
    name: "brokers",
    async run() {
      const { lookAtTopic }: typeof import("./look_at_topic.ts") = await import(
        import.meta.resolve("./look_at_topic.ts")
      );
      const { readTopicExtent }: typeof import("./topic_extent.ts") = await import(
        import.meta.resolve("./topic_extent.ts")
      );
      const { tryTopic }: typeof import("./try_topic.ts") = await import(
        import.meta.resolve("./try_topic.ts")
      );
      const { clusterOf }: typeof import("./cluster_settings.ts") = await import(
        import.meta.resolve("./cluster_settings.ts")
      );
      const options = { ...clusterOf(values), clock };
      const made = { ...options, partitions: values.partitions, ...replicationOf(values) };
      const place = values.brokers.join(", ");
      return await lookAtTopic((name) => readTopicExtent(options, name), {
        topic,
        topicPolicy,
        place,
        clock,
        tryTopic: (name) => tryTopic(made, name),
        ...(oldestWaiting && { oldestWaiting }),
      });
    },
  }),
  remote: {
    peer: "the brokers",
    address: ({ brokers }) => brokers.join(", "),
    windowBytes: ({ max_bytes }) => max_bytes,
    async openToCompare(values, clock) {
      const { openKafkaLog }: typeof import("./kafka_log.ts") = await import(
        import.meta.resolve("./kafka_log.ts")
      );
      const { readTopicExtent }: typeof import("./topic_extent.ts") = await import(
        import.meta.resolve("./topic_extent.ts")
      );
      const { clusterOf }: typeof import("./cluster_settings.ts") = await import(
        import.meta.resolve("./cluster_settings.ts")
      );
      const options = { ...clusterOf(values), topicPolicy: "never", clock } as const;
      return {
        source: await openKafkaLog(options),
        readExtent: (topic) => readTopicExtent(options, topic),
      };
    },
  },
});

/** 0 leaves it to the log: three, or as many as there are brokers. */
const replicationOf = ({ replication }: KafkaSettings) => replication > 0 ? { replication } : {};

function* securityFaults(values: KafkaSettings): Generator<SettingFault> {
  const protocol = values.security_protocol;
  const because = `where mq.kafka.security_protocol is "${protocol}"`;
  const sasl = protocol.startsWith("SASL_");
  for (const key of ["sasl_mechanism", "sasl_username", "sasl_password"] as const) {
    if (sasl && values[key] === "") {
      const wanted = key === "sasl_mechanism" ? "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512" : "text";
      yield { key, is: "is absent", wanted: `${wanted} ${because}` };
    }
  }
  if (!sasl && values.sasl_mechanism !== "") {
    // Otherwise somebody who asked for a login would silently have none.
    yield {
      key: "sasl_mechanism",
      is: `is "${values.sasl_mechanism}"`,
      wanted: `nothing ${because} (or a security_protocol of SASL_PLAINTEXT, SASL_SSL)`,
    };
  }
  if (!protocol.endsWith("SSL") && values.ssl_ca_file.path !== "") {
    yield {
      key: "ssl_ca_file",
      is: "names a file",
      wanted: `nothing ${because} (or a security_protocol of SSL, SASL_SSL)`,
    };
  }
}
