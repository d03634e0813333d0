/** The way of an event, wired: one queue, or the file log and the forwarder before Kafka. */
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { DrainStep } from "../process/drain.ts";
import type { EventAcceptor } from "../use_cases/event_acceptor.ts";
import type { EventReceipts } from "../use_cases/event_receipts.ts";
import { type EventForwarder, forwarderGroup, forwardEvents } from "../use_cases/forward_events.ts";
import type { WatchedQueues } from "../use_cases/readiness.ts";
import { openEventLog, openKafka, queues } from "./queues.ts";

/** How long a shutdown waits for reports on what is being forwarded. */
const forwarderDeadlineMs = 5_000;

/** The way of an event: what accepts it, and what brings it on from there. */
export interface EventPath {
  readonly accepting: EventLog;
  /** Absent where `accepting` is where events are meant to be. */
  readonly forwarding?: { readonly target: EventLog; readonly forwarder: EventForwarder };
}

/** With `mq.adapter: kafka` and a buffer: the file log, and the forwarder from there to the brokers. */
export async function openEventPath(config: Config, options: PathOptions): Promise<EventPath> {
  const { mq } = config;
  const { topic, clock, telemetry } = options;
  const common = { topics: [topic], clock, telemetry };
  if (!isBuffered(mq)) return { accepting: await openEventLog(config, common) };
  const topicPolicy = "ensure";
  const file = { ...mq.file, required_groups: requiredGroups(mq) };
  const buffer = await queues.file({ ...mq, file }, { ...common, topicPolicy });
  try {
    // The buffer holds it all: nothing is given up, the forwarder's window is the bound, and it has waited before this is closed.
    const bounds = { maxBytes: Infinity, deliveryTimeoutMs: Infinity, closeTimeoutMs: 1000 };
    const target = await openKafka(mq, { ...common, topicPolicy: mq.topics }, bounds);
    const random = Math.random;
    const windowBytes = mq.kafka.max_bytes;
    const forwarder = forwardEvents({ ...options, buffer, target, random, windowBytes });
    return { accepting: buffer, forwarding: { target, forwarder } };
  } catch (error) {
    await buffer[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the way needs besides the configuration. */
export interface PathOptions {
  readonly topic: string;
  readonly receipts: EventReceipts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Whether events go to the brokers through the file log. */
export const isBuffered = ({ adapter, kafka }: Config["mq"]): boolean =>
  adapter === "kafka" && kafka.buffer === "file";

/** Groups that retention waits for. */
export function requiredGroups(mq: Config["mq"]): string[] {
  const own = isBuffered(mq) ? [forwarderGroup] : [];
  return [...new Set([...mq.file.required_groups, ...own])];
}

/** By the names that operators see at `/readyz` and in the log. */
export function watchedQueues(
  config: Config,
  path: EventPath,
  acceptor: EventAcceptor,
): WatchedQueues {
  if (path.forwarding === undefined) return { [config.mq.adapter]: acceptor };
  const { target: kafka, forwarder } = path.forwarding;
  return { buffer: acceptor, kafka, forwarder };
}

/** In this order: nothing is forwarded that could not be committed, nothing is closed that is still needed. */
export function closingSteps({ accepting, forwarding }: EventPath): DrainStep[] {
  const close = { name: "close the queue", run: () => accepting[Symbol.asyncDispose]() };
  if (forwarding === undefined) return [close];
  const { forwarder, target } = forwarding;
  return [
    { name: "end forwarding", run: () => forwarder.stop(forwarderDeadlineMs) },
    { name: "close the connections to the brokers", run: () => target[Symbol.asyncDispose]() },
    close,
  ];
}
