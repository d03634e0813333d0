/**
 * The other side of the topic: a consumer group that keeps a read model, in passes, for as long as
 * its process runs.
 */
import { getLogger } from "../ports/logger.ts";
import { backoffMs, type Clock, pause, within } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { ReadModel, ReadModelName } from "../ports/read_model.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { asQueueError } from "./ask_store.ts";
import { consumePass } from "./consume_pass.ts";
import { createConsumeProgress } from "./consume_progress.ts";
import { createDeadLetters } from "./dead_letters.ts";
import type { GatherBounds } from "./gather_pace.ts";
import { createGroupHealth } from "./group_health.ts";
import { createOthersHealth } from "./others_health.ts";
import { searchedEventOf } from "./searched_event.ts";
import type { DecodeRecord } from "./shared_decoding.ts";

/** The group of a consumer. It is never a required group: a dead consumer must not fill the log. */
export const consumerGroup = (name: ReadModelName, shop = "shelfcast"): string => `${shop}-${name}`;

/**
 * Applies the events of a topic to a read model, each once, whatever happens on the way.
 *
 * A record that is no search goes to `<topic>.dlq` in the log that is read, and the partition goes
 * on. A store that is away is waited for; so is a log. What the read model turns out to lack (its
 * database was restored from an older copy, emptied or deleted, its topic made again) is read again
 * without the group, as far back as the log goes, and is told.
 */
export interface EventConsumer {
  /** What keeps it from getting on. At once, never throws. */
  health(): QueueHealth;
  /** Ends reading, and waits at most `deadlineMs` for what is under way. Never rejects. */
  stop(deadlineMs: number): Promise<void>;
}

export interface ConsumeEventsOptions {
  readonly name: ReadModelName;
  /** Default: `consumerGroup(name)`. */
  readonly group?: string;
  /** What is read, and where dead letters go. */
  readonly log: EventLog;
  readonly topic: string;
  readonly model: ReadModel;
  /** Default: for itself. Consumers of one topic in one process may share it. */
  readonly decode?: DecodeRecord;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** How long an event is told from its repeats. */
  readonly dedupeHours: number;
  /** Whether the log is there after a restart; one that is not is another one each time. */
  readonly outlastsProcess?: boolean;
  /** Default: 1,000. */
  readonly batchRecords?: number;
  /** How long events gather before the next are read. Default: not at all. */
  readonly gather?: GatherBounds;
  /** After so long without an answer of store or log a pass is given up. Default: 60,000. */
  readonly patienceMs?: number;
}

const betweenPasses = { firstMs: 100, mostMs: 5000 };
/** A pass that has stood so long is no longer in trouble. */
const steadyMs = 5000;

export function consumeEvents(options: ConsumeEventsOptions): EventConsumer {
  const { name, log, topic, clock, telemetry, random } = options;
  const { decode = searchedEventOf } = options;
  const { batchRecords = 1_000, patienceMs = 60_000, outlastsProcess = true } = options;
  const { gather = { leastMs: 0, mostMs: 0 } } = options;
  const { group = consumerGroup(name) } = options;
  const logger = getLogger(["shelfcast", "consumers"]);
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const health = createGroupHealth({
    means: `Consumer "${name}" waits: `,
    unknown: `Consumer "${name}" failed`,
  });
  const others = createOthersHealth({ name, topic, group, clock });
  const told = { name, topic, telemetry, health, others, outlastsProcess };
  const progress = createConsumeProgress(told);
  const deadLetters = createDeadLetters({
    log,
    topic,
    group,
    clock,
    signal: stopping.signal,
    onFault: health.inTrouble,
  });
  let stopped: Promise<void> | undefined;

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      progress.passBegins();
      const cancelSteady = clock.after(steadyMs, health.passStands);
      const error = await consumePass({
        ...options,
        decode,
        group,
        batchRecords,
        gather,
        patienceMs,
        stop: stopping.signal,
        abandon: abandoning.signal,
        deadLetters,
        observer: progress,
        // Whatever it is, it must end neither the consumer nor the process.
      }).catch((error) => error);
      cancelSteady();
      if (stopping.signal.aborted) break;
      failures = progress.hasMoved ? 1 : failures + 1;
      progress.passFails(asQueueError(error));
      logger.debug("Consumer {name} of {topic} begins anew", { name, topic, error });
      telemetry.count("shelfcast.consumer.restarts", { consumer: name });
      await pause(clock, backoffMs(failures, betweenPasses, random), stopping.signal);
    }
  }

  const running = run();

  async function stop(deadlineMs: number): Promise<void> {
    stopping.abort();
    await within(clock, deadlineMs, running, () => abandoning.abort());
  }

  return {
    health() {
      const braked = deadLetters.health();
      if (braked.status === "degraded") return braked;
      return health.now.status === "degraded" ? health.now : others.now;
    },
    stop: (deadlineMs) => stopped ??= stop(deadlineMs),
  };
}
