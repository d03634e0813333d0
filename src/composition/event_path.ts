/** The way of an event: what accepts it, and what brings it on from there. */
import { bufferOf } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { DrainStep } from "../process/drain.ts";
import type { EventAcceptor } from "../use_cases/event_acceptor.ts";
import type { FoundBacklogs } from "../use_cases/find_backlogs.ts";
import type { BacklogForwarder } from "../use_cases/forward_backlogs.ts";
import type { EventReceipts } from "../use_cases/event_receipts.ts";
import type { EventForwarder } from "../use_cases/forward_events.ts";
import { forwarderGroup } from "../use_cases/forwarder_group.ts";
import type { WatchedQueues } from "../use_cases/readiness.ts";
import { lateBacklogs } from "./late_backlogs.ts";
import { openQueue, queueNamed } from "./queues.ts";

/** How long a shutdown waits for reports on what is being forwarded. */
const forwarderDeadlineMs = 5_000;

/** What is open of the way. */
export interface EventPath {
  readonly accepting: EventLog;
  /** Absent where `accepting` is where events are meant to be. */
  readonly forwarding?: {
    readonly target: EventLog;
    /** What the target is connected to, for messages. */
    readonly peer: string;
    readonly forwarder: Pick<EventForwarder, "health" | "stop">;
  };
  /**
   * What waits under other names of the topic, or for a forwarder that this configuration has not.
   */
  readonly backlogs: BacklogForwarder;
}

/** What the way needs besides the configuration. */
export interface PathOptions {
  readonly receipts: EventReceipts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What waits for a forwarder in the log in files, in topics other than `except`. */
  readonly findBacklogs: (except?: string) => Promise<FoundBacklogs>;
  /** Where nothing is forwarded: why, and what to do. */
  readonly whyNotForwarded: () => Promise<string>;
  /**
   * Resolves when the shop answers: where nothing is forwarded, what waits for it is looked for
   * behind that. Default: at once.
   */
  readonly begun?: Promise<void>;
}

/** With a remote queue and a buffer: the buffer's log, and the forwarder from there. */
export async function openEventPath({ mq }: Config, options: PathOptions): Promise<EventPath> {
  const { topic, adapter } = mq;
  const { clock, telemetry } = options;
  const common = { topics: [topic], clock, telemetry };
  const buffer = bufferName(mq);
  if (buffer === undefined) {
    const accepting = await openQueue(mq, adapter, common);
    return { accepting, backlogs: lateBacklogs(options) };
  }
  // Opened from the start, so that their age counts while they wait and when they are delivered.
  const topics = [topic, ...await olderTopics(options.findBacklogs, topic)];
  const accepting = await openQueue(mq, buffer, {
    ...common,
    topics,
    topicPolicy: "ensure",
    requiredGroups: [forwarderGroup],
    reservedTopics: topics.map(deadLetterTopic),
  });
  try {
    const target = await openQueue(mq, adapter, { ...common, isBuffered: true });
    const { remote } = queueNamed(adapter);
    const { forwardAll }: typeof import("./forwarding.ts") = await import(
      import.meta.resolve("./forwarding.ts")
    );
    const { forwarder, backlogs } = forwardAll(mq, { accepting, target }, options);
    const peer = remote?.peer ?? adapter;
    return { accepting, forwarding: { target, peer, forwarder }, backlogs };
  } catch (error) {
    await accepting[Symbol.asyncDispose]();
    throw error;
  }
}

async function olderTopics(find: PathOptions["findBacklogs"], topic: string) {
  try {
    return (await find(topic)).topics.map((older) => older.topic);
  } catch (error) {
    // There may be no log yet; and what cannot be looked for is told by who looks again.
    if (error instanceof QueueError) return [];
    throw error;
  }
}

/**
 * The name of the log that searches go to before they go to a remote queue; undefined where they go
 * to the queue itself.
 */
export const bufferName = (mq: Config["mq"]): string | undefined =>
  bufferOf(mq, mq.adapter, queueNamed(mq.adapter));

/** Whether what accepts events is already where others read them. */
export const isDelivery = (mq: Config["mq"]): boolean =>
  queueNamed(mq.adapter).remote !== undefined && bufferName(mq) === undefined;

/** By the names that operators see at `/readyz` and in the log. */
export function watchedQueues(
  config: Config,
  path: EventPath,
  acceptor: EventAcceptor,
): WatchedQueues {
  const { adapter } = config.mq;
  if (path.forwarding === undefined) {
    return { [adapter]: acceptor, forwarder: onceInTrouble(path.backlogs) };
  }
  const { target, forwarder } = path.forwarding;
  return { buffer: acceptor, [adapter]: target, forwarder };
}

/** Who forwards nothing is not asked about it, unless something has waited for that. */
function onceInTrouble({ health }: Pick<BacklogForwarder, "health">) {
  let wasInTrouble = false;
  return {
    health() {
      const now = health();
      wasInTrouble ||= now.status === "degraded";
      return wasInTrouble ? now : undefined;
    },
  };
}

/**
 * In this order: nothing is forwarded that could not be committed, nothing is closed that is still
 * needed.
 */
export function closingSteps({ accepting, forwarding, backlogs }: EventPath): DrainStep[] {
  const close = { name: "close the queue", run: () => accepting[Symbol.asyncDispose]() };
  if (forwarding === undefined) {
    return [{ name: "end looking for events that wait", run: () => backlogs.stop(0) }, close];
  }
  const { forwarder, target, peer } = forwarding;
  return [
    { name: "end forwarding", run: () => forwarder.stop(forwarderDeadlineMs) },
    { name: `close the connections to ${peer}`, run: () => target[Symbol.asyncDispose]() },
    close,
  ];
}
