/**
 * The queues that `mq.adapter` can name. An adapter's module is loaded only when it is chosen: memory mode never loads a
 * Kafka client. The contract suite's table of harnesses is typed by these keys.
 */
export const queueAdapters = {
  memory: () => import("./memory/memory_log.ts"),
  file: () => import("./file_log/file_log.ts"),
  kafka: () => import("./kafka/kafka_log.ts"),
} as const;

export type QueueName = keyof typeof queueAdapters;
