/**
 * The queues that `mq.adapter` can name. A declaration loads nothing of its adapter; what is chosen
 * is loaded when it is opened: memory mode never loads a Kafka client. The contract suite's table
 * of harnesses is typed by these keys.
 */
import { fileQueue } from "./file_log/declaration.ts";
import { kafkaQueue } from "./kafka/declaration.ts";
import { memoryQueue } from "./memory/declaration.ts";

export const queueAdapters = {
  memory: memoryQueue,
  file: fileQueue,
  kafka: kafkaQueue,
} as const;

export type QueueName = keyof typeof queueAdapters;

/** Where a configuration says nothing. */
export const defaultQueue: QueueName = "file";
