/** Opens queues by their names; what one needs, it declares. */
import { queueAdapters } from "../../adapters/queue/registry.ts";
import { adapterValues } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { OpenQueueOptions, QueueDeclaration } from "../ports/queue_declaration.ts";

type Mq = Config["mq"];

const declared: Readonly<Record<string, QueueDeclaration>> = queueAdapters;

/** What the queue of that name declares. @throws {RangeError} Where there is none. */
export function queueNamed(name: string): QueueDeclaration {
  const declaration = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (declaration !== undefined) return declaration;
  throw new RangeError(`Queue is "${name}", wanted a name of the registry`);
}

/** The values of its keys. */
export const queueValues = (mq: Mq, name: string) => adapterValues(mq, name, queueNamed(name));

/** Opens the queue of that name. What is left out: no topics, no groups, no buffer before it. */
export async function openQueue(
  mq: Mq,
  name: string,
  options: Partial<OpenQueueOptions>,
): Promise<EventLog> {
  return await queueNamed(name).open(queueValues(mq, name), {
    topics: [],
    topicPolicy: mq.topics,
    reservedTopics: [deadLetterTopic(mq.topic)],
    requiredGroups: [],
    isBuffered: false,
    ...options,
  });
}

/** Names of the queues that several processes can use at once. */
export const sharedQueues: readonly string[] = Object.keys(declared).filter((name) =>
  queueNamed(name).guarantees.processes === "many"
);

/** The first of those that keeps its log in files, else the first of all. */
export function fileQueueAmong(...names: readonly (string | undefined)[]): string {
  const found = [...names, ...Object.keys(declared)].find((name) =>
    name !== undefined && queueNamed(name).files !== undefined
  );
  if (found !== undefined) return found;
  throw new RangeError("There is no queue whose log is files, wanted one");
}
