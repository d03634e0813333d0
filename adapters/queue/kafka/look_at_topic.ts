import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import type { ReadTopicExtent } from "../../../src/ports/topic_extent.ts";

export interface LookOptions {
  readonly topic: string;
  readonly topicPolicy: TopicPolicy;
  /** The brokers, for people. */
  readonly place: string;
}

/**
 * What `doctor` says of a topic.
 *
 * @throws {QueueError} by rejection, where the brokers cannot be asked, or the topic is missing and
 *   nobody makes it.
 */
export async function lookAtTopic(
  readExtent: ReadTopicExtent,
  { topic, topicPolicy, place }: LookOptions,
): Promise<string> {
  const named = `topic "${topic}" at ${place}`;
  try {
    const extents = await readExtent(topic);
    const records = extents.reduce((sum, { begin, end }) => sum + end - begin, 0n);
    return `${named} has ${extents.length} partitions and ${records} records`;
  } catch (cause) {
    if (!(cause instanceof QueueError && cause.code === "unknown_topic")) throw cause;
    if (topicPolicy === "ensure") return `${named} is made with the first event`;
    const advice = `make it, or set mq.topics to ensure (it is ${topicPolicy})`;
    throw new QueueError("unknown_topic", `Topic "${topic}" does not exist: ${advice}`, { cause });
  }
}
