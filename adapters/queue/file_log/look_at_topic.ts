import type { LogTools } from "../../../src/ports/log_tools.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";

/** What `doctor` says of a topic. @throws {QueueError} by rejection, where it cannot be read. */
export async function lookAtTopic(
  tools: Pick<LogTools, "inspect">,
  topic: string,
  directory: string,
): Promise<string> {
  const place = `topic "${topic}" in "${directory}"`;
  try {
    const { durable, groups } = await tools.inspect(topic);
    const lags = groups.map(({ name, lag }) => `, ${name} is ${lag ?? "?"} behind`);
    return `${place} ends at offset ${durable?.next ?? "?"}${lags.join("")}`;
  } catch (error) {
    const isUnknown = error instanceof QueueError && error.code === "unknown_topic";
    if (isUnknown) return `${place} is made at the first start`;
    throw error;
  }
}
