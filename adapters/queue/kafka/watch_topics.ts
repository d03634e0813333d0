import type { Logger } from "@logtape/logtape";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { pause } from "./deadline.ts";
import { persist, type Persistence, Stopped } from "./persist.ts";
import type { TopicLeaders } from "./topic_leaders.ts";

const lookAgainMs = 60_000;

/**
 * Makes sure in the background that topics are there: makes those that are missing where `leaders` does so, otherwise says once a
 * minute that one is missing. Ends when all are there, or with the signal.
 */
export async function watchTopics(
  topics: readonly string[],
  leaders: TopicLeaders,
  shared: Omit<Persistence, "topic">,
  logger: Logger,
): Promise<void> {
  const { clock, signal } = shared;
  const watch = async (topic: string): Promise<void> => {
    while (!signal.aborted) {
      try {
        await persist({ ...shared, topic }, () => leaders.of(topic));
        return;
      } catch (error) {
        if (error instanceof Stopped) return;
        const reason = error instanceof QueueError ? error.code : "unknown";
        logger.error("Topic {topic} cannot be published to: {reason}", { topic, reason, error });
        await pause(clock, lookAgainMs, signal);
      }
    }
  };
  await Promise.all(topics.map(watch));
}
