/**
 * Which topics of a log hold what a group has still to read. A topic in which the group has a
 * position was accepted for it, under whatever name the topic was configured then; others are
 * somebody else's, and those in which an operator gave the group up are nobody's.
 */
import { isDeadLetterTopic, topicNameFault } from "../domain/topic_name.ts";
import type { LogTools, TopicInspection } from "../ports/log_tools.ts";
import { QueueError, type QueueErrorCode } from "../ports/queue_error.ts";

/** What of a log is a group's to read. */
export interface FoundBacklogs {
  /** Topics that were accepted for the group; also those of which it has read all. */
  readonly topics: readonly TopicBacklog[];
  /** Topics that may be the group's, and cannot be read or must not be. */
  readonly stuck: readonly StuckTopic[];
  /** Topics that are not the group's. */
  readonly others: readonly string[];
}

/** A topic that was accepted for a group. */
export interface TopicBacklog {
  readonly topic: string;
  /** How far the group is behind its durable end, in offsets; undefined where nothing says so. */
  readonly lag: number | undefined;
  /** Whether a member of the group is active, in whatever process. */
  readonly isHeld: boolean;
}

/** A topic that nobody can bring on before somebody has acted. */
export interface StuckTopic {
  readonly topic: string;
  readonly code: QueueErrorCode;
  /** What is, and what to do. */
  readonly why: string;
  /** Whether the group has a position in it; false: nobody can say. */
  readonly isCertain: boolean;
}

/**
 * Looks at all topics but `except`, which somebody looks after already. Dead letters are no
 * backlog.
 *
 * @throws {QueueError} by rejection, where the log's directory cannot be read.
 */
export async function findBacklogs(
  tools: Pick<LogTools, "topics" | "passedOver" | "inspect">,
  group: string,
  except?: string,
): Promise<FoundBacklogs> {
  const stuck: StuckTopic[] = [];
  const found: { readonly inspection: TopicInspection; readonly backlog: TopicBacklog }[] = [];
  const others: string[] = [];
  const logs = new Map<string, string[]>();
  for (const topic of await tools.topics()) {
    if (isDeadLetterTopic(topic)) continue;
    try {
      const inspection = await tools.inspect(topic);
      logs.set(inspection.logId, [...logs.get(inspection.logId) ?? [], topic]);
      if (topic === except) continue;
      const own = inspection.groups.find(({ name }) => name === group);
      if (own === undefined) others.push(topic);
      else if (own.hold !== "released") {
        const unread = own.lag ?? own.unread;
        const lag = unread === undefined ? undefined : Number(unread);
        found.push({ inspection, backlog: { topic, lag, isHeld: own.isActive } });
      }
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      // A folder that a crash left before it was a topic.
      if (error.code === "unknown_topic" || topic === except) continue;
      stuck.push(unreadable(topic, error));
    }
  }
  for (const { name, path, mayBeTopic, why } of await tools.passedOver()) {
    if (!mayBeTopic || name === except) continue;
    const told = `"${path}": ${why}; ${mend}`;
    stuck.push({ topic: name, code: "unauthorized", why: told, isCertain: false });
  }
  const topics = found.flatMap(({ inspection, backlog }) => {
    const fault = faultOf(inspection, logs.get(inspection.logId) ?? []);
    if (fault === undefined) return [backlog];
    // What was read to its end needs nobody.
    const { topic, lag } = backlog;
    if (lag !== 0) stuck.push({ topic, code: "invalid_record", why: fault, isCertain: true });
    return [];
  });
  return { topics, stuck, others };
}

const mend = "give the shop the right to read it, or move it elsewhere";

const unreadable = (topic: string, { code, message }: QueueError): StuckTopic => ({
  topic,
  code,
  why: `topic "${topic}" cannot be read: ${message}; see deno task log verify`,
  isCertain: false,
});

/** Why what stands in a folder must not go to the topic of its name. */
function faultOf({ topic, path }: TopicInspection, sameLog: readonly string[]): string | undefined {
  const fault = topicNameFault(topic);
  if (fault !== undefined) return `"${path}" cannot be a topic: ${fault}; rename the folder`;
  const twin = sameLog.find((name) => name !== topic);
  if (twin === undefined) return undefined;
  return `"${path}" is a copy of topic "${twin}": move one of them elsewhere`;
}
