/** What `doctor` says of queues. */
import type { Config } from "../config/schema.ts";
import type { LogTools } from "../ports/log_tools.ts";
import { QueueError } from "../ports/queue_error.ts";
import { CommandError } from "./command_error.ts";
import type { OpenCluster, Probe } from "./doctor_services.ts";

type Mq = Config["mq"];

export const memoryProbe: Probe = {
  name: "queue",
  run: () => Promise.resolve("events live in the memory of the service"),
};

/** @throws {QueueError} by rejection, where the log cannot be read. */
export async function lookAtLog(tools: LogTools, { topic, file }: Mq): Promise<string> {
  const place = `topic "${topic}" in "${file.directory}"`;
  try {
    const { durable, groups } = await tools.inspect(topic);
    const lags = groups.map(({ name, lag }) => `, ${name} is ${lag ?? "?"} behind`);
    return `${place} ends at offset ${durable?.next ?? "?"}${lags.join("")}`;
  } catch (error) {
    if (isUnknown(error)) return `${place} is made at the first start`;
    throw error;
  }
}

/** @throws {QueueError | CommandError} by rejection, where the brokers cannot be asked, or the topic is missing and nobody makes it. */
export async function lookAtTopic(
  { source, readExtent }: OpenCluster,
  { topic, topics, brokers }: Mq,
): Promise<string> {
  await using _ = source;
  const place = `topic "${topic}" at ${brokers.join(", ")}`;
  try {
    const extents = await readExtent(topic);
    const records = extents.reduce((sum, { begin, end }) => sum + end - begin, 0n);
    return `${place} has ${extents.length} partitions and ${records} records`;
  } catch (error) {
    if (!isUnknown(error)) throw error;
    if (topics === "ensure") return `${place} is made with the first event`;
    const advice = `make it, or set mq.topics to ensure (it is ${topics})`;
    throw new CommandError(`Topic "${topic}" does not exist: ${advice}`, { cause: error });
  }
}

const isUnknown = (error: unknown): boolean =>
  error instanceof QueueError && error.code === "unknown_topic";
