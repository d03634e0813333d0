import type { Settings } from "./settings_tree.ts";

/** The variables that are defaults of keys which a file lacks: those by which Kafka clouds hand out their settings. */
export const environmentDefaults: Readonly<Record<string, string>> = {
  KAFKA_BOOTSTRAP_SERVERS: "mq.brokers",
  KAFKA_SECURITY_PROTOCOL: "mq.kafka.security_protocol",
  KAFKA_SASL_MECHANISMS: "mq.kafka.sasl_mechanism",
  KAFKA_SASL_USERNAME: "mq.kafka.sasl_username",
  KAFKA_SASL_PASSWORD: "mq.kafka.sasl_password",
};

/** Adds what the environment has for keys that are absent. */
export function addEnvironmentDefaults(
  { values, origins }: Settings,
  lookup: (name: string) => string | undefined,
): void {
  for (const [name, path] of Object.entries(environmentDefaults)) {
    const value = lookup(name);
    if (values.has(path) || value === undefined || value === "") continue;
    values.set(path, value);
    origins.set(path, { template: `\${${name}}`, variables: [name] });
  }
}
