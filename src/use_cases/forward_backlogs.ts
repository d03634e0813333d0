/**
 * Forwarding what was accepted under other names of the topic: `mq.topic` may have been another at
 * an earlier start, and what is accepted is delivered to the topic that it was accepted for.
 */
import { getLogger } from "../ports/logger.ts";
import { type Clock, pause, within } from "../ports/clock.ts";
import { QueueError, type QueueErrorCode } from "../ports/queue_error.ts";
import { healthy, type QueueHealth } from "../ports/queue_health.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { FoundBacklogs, StuckTopic, TopicBacklog } from "./find_backlogs.ts";
import type { EventForwarder } from "./forward_events.ts";

/**
 * Looks for topics that wait for the forwarder, at once and every minute, because another process
 * may leave some, too. Each is forwarded by itself until nothing is left of it, so that one which
 * cannot go holds up no other. What cannot go is told in `health()`, and counted in
 * `shelfcast.forwarder.stuck_topics`; what waits is measured by `shelfcast.forwarder.lag_records`.
 */
export interface BacklogForwarder {
  /** Of all backlogs together. At once, never throws. */
  health(): QueueHealth;
  /** Topics that were accepted for the forwarder, as they were found last; sorted. */
  readonly topics: readonly string[];
  /** As `EventForwarder.stop`. */
  stop(deadlineMs: number): Promise<void>;
}

export interface ForwardBacklogsOptions {
  /** @throws {QueueError} by rejection. */
  readonly find: () => Promise<FoundBacklogs>;
  /**
   * Begins to forward a topic until its end. `share`: of what may be under way for backlogs, above
   * 0 up to 1. Absent where this configuration forwards nothing.
   */
  readonly forward?: (topic: string, share: number) => EventForwarder;
  /** Where nothing is forwarded: what is, and what to do. */
  readonly whyNot?: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const logger = getLogger(["shelfcast", "forwarder"]);
const lookMs = 60_000;
/** More topics than that have no metric of their own. */
const mostMeasured = 20;
/** More are counted, not told one by one. */
const mostTold = 3;

export function forwardBacklogs(options: ForwardBacklogsOptions): BacklogForwarder {
  const { find, forward, clock, telemetry } = options;
  const stopping = new AbortController();
  const running = new Map<string, EventForwarder>();
  const measured = new Set<string>();
  let topics: readonly string[] = [];
  let stuck: readonly StuckTopic[] = [];
  /** That no process forwards. */
  let abandoned: readonly TopicBacklog[] = [];

  async function run(): Promise<void> {
    for (let isFirst = true; !stopping.signal.aborted; isFirst = false) {
      await look(isFirst);
      await pause(clock, lookMs, stopping.signal);
    }
  }

  async function look(isFirst: boolean): Promise<void> {
    try {
      const found = await find();
      if (stopping.signal.aborted) return;
      topics = found.topics.map(({ topic }) => topic).toSorted();
      // Where nothing is forwarded, what cannot be read is hardly a forwarder's.
      stuck = found.stuck.filter(({ isCertain }) => isCertain || forward !== undefined);
      begin(found.topics, isFirst);
      abandoned = forward === undefined ? found.topics.filter(isLeft) : [];
      measure(found.topics);
    } catch (error) {
      // Whoever forwards nothing need not have a log at all.
      const { code, message } = error instanceof QueueError
        ? error
        : new QueueError("outcome_unknown", "Looking for them failed");
      const why = `topics that wait cannot be looked for: ${message}`;
      stuck = forward === undefined ? [] : [{ topic: "", code, why, isCertain: false }];
      logger.debug("Topics that wait cannot be looked for", { error });
    }
  }

  /** At a start also what seems to be read: its end may not be known before it is opened. */
  function begin(found: readonly TopicBacklog[], isFirst: boolean): void {
    if (forward === undefined) return;
    const others = found.filter(({ topic }) => !running.has(topic));
    for (const { topic } of others.filter((one) => isFirst && one.isHeld && isWaiting(one))) {
      logger.info("Events that were accepted for topic {topic} are forwarded by another process", {
        topic,
      });
    }
    const wanted = others.filter((one) => !one.isHeld && (isFirst || isWaiting(one)));
    for (const { topic, lag } of wanted) {
      const forwarder = forward(topic, 1 / (running.size + wanted.length));
      running.set(topic, forwarder);
      void forwarder.ended.then(() => over(topic, lag));
      if (lag === 0) continue;
      const records = lag ?? "an unknown number of";
      logger.info(
        "{records} events that were accepted for topic {topic} wait in the buffer, and are forwarded to it",
        { topic, records },
      );
    }
  }

  function over(topic: string, lag: number | undefined): void {
    running.delete(topic);
    if (stopping.signal.aborted || lag === 0) return;
    logger.info("Nothing that was accepted for topic {topic} waits any more", { topic });
  }

  /** What is being forwarded measures itself. */
  function measure(found: readonly TopicBacklog[]): void {
    for (const { topic, lag } of found) {
      if (measured.size < mostMeasured) measured.add(topic);
      if (lag === undefined || running.has(topic) || !measured.has(topic)) continue;
      telemetry.gauge("shelfcast.forwarder.lag_records", lag, { topic });
    }
    telemetry.gauge("shelfcast.forwarder.stuck_topics", stuck.length + abandoned.length);
  }

  function* troubles(): Generator<Trouble> {
    if (abandoned.length > 0) yield { reason: "unavailable", detail: abandonment() };
    for (const { code, why } of stuck) {
      yield { reason: code, detail: `Events may wait in the buffer: ${why}` };
    }
  }

  function abandonment(): string {
    const lags = abandoned.map(({ topic, lag }) => `${lag ?? "some"} of topic "${topic}"`);
    return `Events wait in the buffer, ${some(lags, ", ")}: ${options.whyNot ?? ""}`;
  }

  const seeking = run();

  return {
    get topics() {
      return topics;
    },
    health() {
      const all = [...running.values()].map((forwarder) => forwarder.health());
      const degraded = [...all, ...[...troubles()].map(asHealth)]
        .filter((health) => health.status === "degraded");
      const [first] = degraded;
      if (first === undefined) return healthy;
      return { ...first, detail: some(degraded.map(({ detail }) => detail), "; and: ") };
    },
    async stop(deadlineMs) {
      stopping.abort();
      await Promise.all([...running.values()].map((forwarder) => forwarder.stop(deadlineMs)));
      await within(clock, deadlineMs, seeking, () => undefined);
    },
  };
}

interface Trouble {
  readonly reason: QueueErrorCode;
  readonly detail: string;
}

const asHealth = (trouble: Trouble): QueueHealth => ({ status: "degraded", ...trouble });

const isLeft = (one: TopicBacklog): boolean => isWaiting(one) && !one.isHeld;

const isWaiting = ({ lag }: TopicBacklog): boolean => lag !== 0;

function some(texts: readonly string[], between: string): string {
  const left = texts.length - mostTold;
  const first = texts.slice(0, mostTold).join(between);
  return left > 0 ? `${first}${between}${left} more` : first;
}
