/**
 * The Kafka client libraries that `mq.kafka.client` can name, each a driver in a folder of its own; loaded only when chosen. The
 * contract suite's table of harnesses is typed by these keys.
 */
import type { KafkaDriver } from "./driver/driver.ts";
import type { DriverOptions } from "./driver/security.ts";

export type KafkaClientName = "kafkajs" | "platformatic";

interface KafkaClient {
  load(): Promise<{ createDriver(options: DriverOptions): KafkaDriver }>;
}

export const kafkaClients: Readonly<Record<KafkaClientName, KafkaClient>> = {
  kafkajs: { load: () => import("./kafkajs/kafkajs_driver.ts") },
  platformatic: { load: () => import("./platformatic/platformatic_driver.ts") },
};
