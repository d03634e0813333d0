/**
 * The Kafka client libraries that `mq.kafka.client` can name, each a driver in a wing of its own;
 * loaded only when chosen. The contract suite's table of harnesses is typed by these keys.
 */
import type { DriverOptions, KafkaDriver, KafkaSecurity } from "./driver/driver.ts";
import type { LentUnpack } from "./wire/compression.ts";

export type KafkaClientName = "kafkajs" | "platformatic";

interface KafkaClient {
  load(): Promise<{ createDriver(options: DriverOptions): KafkaDriver }>;
}

export const kafkaClients: Readonly<Record<KafkaClientName, KafkaClient>> = {
  kafkajs: { load: () => import(import.meta.resolve("./kafkajs/kafkajs_driver.ts")) },
  platformatic: {
    load: () => import(import.meta.resolve("./platformatic/platformatic_driver.ts")),
  },
};

/** Which cluster, and how to speak to it. */
export interface ClusterAddress {
  /** host:port, at least one. All advertised hosts must be reachable, not only these. */
  readonly brokers: readonly string[];
  /** Default: `kafkajs`. */
  readonly client?: KafkaClientName;
  /** What the cluster's logs and quotas see. Default: `shelfcast`. */
  readonly clientId?: string;
  /** Default: PLAINTEXT. */
  readonly security?: KafkaSecurity;
}

export type DriverTiming = Pick<DriverOptions, "connectTimeoutMs" | "requestTimeoutMs" | "clock">;

export async function openDriver(
  address: ClusterAddress,
  timing: DriverTiming,
): Promise<KafkaDriver> {
  const { createDriver } = await kafkaClients[address.client ?? "kafkajs"].load();
  return createDriver({
    ...timing,
    brokers: address.brokers,
    clientId: address.clientId ?? "shelfcast",
    security: address.security ?? { protocol: "PLAINTEXT" },
    lentUnpack,
  });
}

/**
 * Whichever client is chosen: only one of the libraries has these codecs, and few topics need them.
 */
export const lentUnpack: LentUnpack = async (codec, bytes) => {
  const { unpackLent }: typeof import("./platformatic/platformatic_driver.ts") = await import(
    import.meta.resolve("./platformatic/platformatic_driver.ts")
  );
  return unpackLent(codec, bytes);
};
