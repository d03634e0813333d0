/**
 * The Kafka client libraries that `mq.kafka.client` can name, each a driver in a folder of its own; loaded only when chosen. The
 * contract suite's table of harnesses is typed by these keys.
 */
export const kafkaClients = {
  kafkajs: () => import("./kafkajs/kafkajs_driver.ts"),
} as const;

export type KafkaClientName = keyof typeof kafkaClients;
