/** The way of an event: what accepts it, and what brings it on from there. */
import { bufferOf } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { DrainStep } from "../process/drain.ts";
import type { EventAcceptor } from "../use_cases/event_acceptor.ts";
import type { EventReceipts } from "../use_cases/event_receipts.ts";
import { type EventForwarder, forwarderGroup, forwardEvents } from "../use_cases/forward_events.ts";
import type { WatchedQueues } from "../use_cases/readiness.ts";
import { openQueue, queueNamed, queueValues } from "./queues.ts";

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
    readonly forwarder: EventForwarder;
  };
}

/** What the way needs besides the configuration. */
export interface PathOptions {
  readonly receipts: EventReceipts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** With a remote queue and a buffer: the buffer's log, and the forwarder from there. */
export async function openEventPath({ mq }: Config, options: PathOptions): Promise<EventPath> {
  const { topic, adapter } = mq;
  const { clock, telemetry } = options;
  const common = { topics: [topic], clock, telemetry };
  const buffer = bufferName(mq);
  if (buffer === undefined) return { accepting: await openQueue(mq, adapter, common) };
  const topicPolicy = "ensure";
  const requiredGroups = [forwarderGroup];
  const accepting = await openQueue(mq, buffer, { ...common, topicPolicy, requiredGroups });
  try {
    const target = await openQueue(mq, adapter, { ...common, isBuffered: true });
    const { remote } = queueNamed(adapter);
    const windowBytes = remote?.windowBytes?.(queueValues(mq, adapter));
    const forwarder = forwardEvents({
      ...options,
      topic,
      buffer: accepting,
      target,
      random: Math.random,
      ...(windowBytes !== undefined && { windowBytes }),
    });
    return { accepting, forwarding: { target, peer: remote?.peer ?? adapter, forwarder } };
  } catch (error) {
    await accepting[Symbol.asyncDispose]();
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
  if (path.forwarding === undefined) return { [adapter]: acceptor };
  const { target, forwarder } = path.forwarding;
  return { buffer: acceptor, [adapter]: target, forwarder };
}

/**
 * In this order: nothing is forwarded that could not be committed, nothing is closed that is still
 * needed.
 */
export function closingSteps({ accepting, forwarding }: EventPath): DrainStep[] {
  const close = { name: "close the queue", run: () => accepting[Symbol.asyncDispose]() };
  if (forwarding === undefined) return [close];
  const { forwarder, target, peer } = forwarding;
  return [
    { name: "end forwarding", run: () => forwarder.stop(forwarderDeadlineMs) },
    { name: `close the connections to ${peer}`, run: () => target[Symbol.asyncDispose]() },
    close,
  ];
}
