/** The schema of config.yml. */
import * as v from "valibot";
import {
  brokerList,
  flag,
  groupList,
  host,
  oneOf,
  oneOfCapitals,
  path,
  secret,
  text,
  topicName,
  wholeNumber,
} from "./setting.ts";

/**
 * All that can be configured, under the names that stand in `config.yml`, which documents every key. Defaults stand here; a
 * test proves that the file ships the same. Absent text is `""`.
 */
export const configSchema = v.object({
  app: v.optional(
    v.object({
      host: v.optional(host(), "127.0.0.1"),
      port: v.optional(wholeNumber(0, 65535), 8080),
      page_size: v.optional(wholeNumber(1, 100, "books"), 10),
    }),
    {},
  ),
  db: v.optional(
    v.object({
      driver: v.optional(oneOf(["sqlite", "mysql"]), "sqlite"),
      sqlite: v.optional(v.object({ file: v.optional(path(), "data/shelf.db") }), {}),
      host: v.optional(host(), "127.0.0.1"),
      port: v.optional(wholeNumber(1, 65535), 3306),
      user: v.optional(text(), ""),
      password: v.optional(secret(), ""),
      database: v.optional(text(64), ""),
    }),
    {},
  ),
  mq: v.optional(
    v.object({
      adapter: v.optional(oneOf(["memory", "file", "kafka"]), "file"),
      topic: v.optional(topicName(), "lr-book-searches"),
      topics: v.optional(oneOf(["ensure", "validate", "never"]), "ensure"),
      partitions: v.optional(wholeNumber(1, 10_000), 3),
      replication: v.optional(wholeNumber(0, 32), 0),
      accept_timeout_ms: v.optional(wholeNumber(0, 60_000, "ms"), 50),
      file: v.optional(
        v.object({
          directory: v.optional(path(), "data/queue"),
          segment_bytes: v.optional(wholeNumber(65_536, 2 ** 31, "bytes"), 64 * 2 ** 20),
          max_bytes: v.optional(wholeNumber(2 ** 20, 2 ** 50, "bytes"), 10 * 2 ** 30),
          max_age_hours: v.optional(wholeNumber(1, 1_000_000, "hours"), 168),
          keep_delivered_hours: v.optional(wholeNumber(0, 1_000_000, "hours"), 24),
          required_groups: v.optional(groupList(), []),
          retain_past_groups: v.optional(flag(), false),
          reserve_bytes: v.optional(wholeNumber(0, 2 ** 50, "bytes"), 64 * 2 ** 20),
          skip_corrupt: v.optional(flag(), false),
        }),
        {},
      ),
      memory: v.optional(
        v.object({
          max_records: v.optional(wholeNumber(1, 100_000_000, "records"), 100_000),
          max_bytes: v.optional(wholeNumber(1024, 2 ** 40, "bytes"), 64 * 2 ** 20),
        }),
        {},
      ),
      brokers: v.optional(brokerList(), ["localhost:9092"]),
      kafka: v.optional(
        v.object({
          client: v.optional(oneOf(["kafkajs", "platformatic"]), "kafkajs"),
          compression: v.optional(oneOf(["none", "gzip", "zstd"]), "none"),
          idempotent: v.optional(flag(), false),
          security_protocol: v.optional(
            oneOfCapitals(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
            "PLAINTEXT",
          ),
          sasl_mechanism: v.optional(
            oneOfCapitals(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", ""]),
            "",
          ),
          sasl_username: v.optional(text(), ""),
          sasl_password: v.optional(secret(), ""),
          ssl_ca_file: v.optional(path(), ""),
          buffer: v.optional(oneOf(["file", "none"]), "file"),
          max_bytes: v.optional(wholeNumber(1024, 2 ** 40, "bytes"), 32 * 2 ** 20),
          delivery_timeout_ms: v.optional(wholeNumber(1000, 86_400_000, "ms"), 120_000),
          linger_ms: v.optional(wholeNumber(0, 1000, "ms"), 5),
          batch_bytes: v.optional(wholeNumber(1024, 16 * 2 ** 20, "bytes"), 1_048_000),
        }),
        {},
      ),
    }),
    {},
  ),
  log: v.optional(
    v.object({
      level: v.optional(oneOf(["trace", "debug", "info", "warning", "error", "fatal"]), "info"),
    }),
    {},
  ),
});

type Settings = v.InferOutput<typeof configSchema>;
type Mq = Settings["mq"];

/** The configuration, complete: every key has its value. Paths are as they were written. */
export interface Config extends Readonly<Omit<Settings, "mq">> {
  readonly mq: Readonly<Omit<Mq, "kafka">> & {
    readonly kafka: Readonly<Mq["kafka"]> & {
      /** What `ssl_ca_file` holds, PEM; `""` where it names none. */
      readonly ssl_ca_pem: string;
    };
  };
}
