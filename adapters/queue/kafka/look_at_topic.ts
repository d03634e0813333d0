import type { Clock } from "../../../src/ports/clock.ts";
import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import type { PartitionExtent, ReadTopicExtent } from "../../../src/ports/topic_extent.ts";
import { pastRetention } from "./cluster/retention_watch.ts";

export interface LookOptions {
  readonly topic: string;
  readonly topicPolicy: TopicPolicy;
  /** The brokers, for people. */
  readonly place: string;
  readonly clock: Clock;
  /** Rejects with what would keep a missing topic from being made, which it does not make. */
  readonly tryTopic: (topic: string) => Promise<void>;
  /** When the oldest record was made that is still to come there; undefined: there is none. */
  readonly oldestWaiting?: () => Promise<number | undefined>;
}

/**
 * What `doctor` says of a topic.
 *
 * @throws {QueueError} by rejection, where the brokers cannot be asked, or the topic is missing and
 *   nobody makes it.
 */
export async function lookAtTopic(
  readExtent: ReadTopicExtent,
  { topic, topicPolicy, place, clock, tryTopic, oldestWaiting }: LookOptions,
): Promise<string> {
  const named = `topic "${topic}" at ${place}`;
  try {
    const extents = await readExtent(topic);
    const records = extents.reduce((sum, { begin, end }) => sum + end - begin, 0n);
    const oldest = await oldestWaiting?.();
    const { retentionMs } = extents[0] ?? {};
    if (oldest !== undefined && clock.now() - oldest > (retentionMs ?? Infinity)) {
      throw new QueueError("unavailable", pastRetention(topic, oldest, retentionMs!));
    }
    const has = `has ${extents.length} partitions and ${records} records`;
    return [`${named} ${has}`, ...extents[0] === undefined ? [] : said(extents[0])].join(", ");
  } catch (cause) {
    if (!(cause instanceof QueueError && cause.code === "unknown_topic")) throw cause;
    if (topicPolicy === "ensure") {
      await tryTopic(topic);
      return `${named} is made with the first event`;
    }
    const advice = `make it, or set mq.topics to ensure (it is ${topicPolicy})`;
    throw new QueueError("unknown_topic", `Topic "${topic}" does not exist: ${advice}`, { cause });
  }
}

function* said(
  { retentionMs, retentionBytes, isCompacted, givesTimes }: PartitionExtent,
): Generator<string> {
  if (retentionMs !== undefined) yield `keeps them for ${retentionMs} ms (retention.ms)`;
  if (retentionBytes !== undefined) {
    yield `keeps at most ${retentionBytes} bytes a partition (retention.bytes)`;
  }
  if (isCompacted) yield "keeps the newest of a key only (cleanup.policy compact)";
  if (givesTimes) yield "gives them its own times (LogAppendTime)";
}
