/**
 * A log in files of a directory that several processes append to and read at the same time. A record is accepted when it is
 * on the disk, synced. The format is described in `FORMAT.md`.
 */
import { getLogger } from "@logtape/logtape";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { PublishOptions, TopicPolicy } from "../../../src/ports/event_queue.ts";
import type { SubscribeOptions } from "../../../src/ports/event_source.ts";
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { type PullReader, pullSubscription } from "../../../src/ports/pull_subscription.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth, healthy, type QueueHealth } from "../../../src/ports/queue_health.ts";
import { silentTelemetry, type Telemetry } from "../../../src/ports/telemetry.ts";
import {
  validateContent,
  validateRecord,
  validateSize,
  validateTopic,
} from "../../../src/ports/validate_record.ts";
import { denoDisk } from "./disk/deno_disk.ts";
import type { Disk } from "./disk/disk.ts";
import { isSettled } from "./segments/is_settled.ts";
import { logIdBytes } from "./format/log_identity.ts";
import { patientDisk } from "./disk/patient_disk.ts";
import { diskRefusal } from "./disk/disk_refusal.ts";
import { settlesWithin } from "./append/settles_within.ts";
import { durablePath, openTopicFolder } from "./segments/topic_folder.ts";
import { openTopicReader } from "./read/topic_reader.ts";
import { createTopicWriter, type TopicWriter } from "./append/topic_writer.ts";
import { createWake, type Wake } from "./read/wake.ts";

const logger = getLogger(["shelfcast", "file_log"]);

export const guarantees: LogGuarantees = {
  durable: "synced disk",
  survivesRestart: true,
  order: "topic",
  partitions: "one",
  processes: "many",
  groupMembers: "stand by",
  replay: true,
  maxRecordBytes: 1_000_000,
  needs: "a directory on a local disk",
};

export interface FileLogOptions {
  /** Made where it does not exist. Each topic is a folder in it. */
  readonly directory: string;
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /** Topics to make, or to report where they are missing, when the log is opened. Default: none. */
  readonly topics?: readonly string[];
  /**
   * The length of a segment, in bytes; a larger batch makes a longer one. Default: 64 MiB, and always at most a quarter of
   * `maxBytes`, because segments are taken away whole.
   */
  readonly segmentBytes?: number;
  /** How large a topic becomes: beyond it, its oldest segments are taken away. Default: 10 GiB. */
  readonly maxBytes?: number;
  /** How old the newest record of a segment becomes before the segment is taken away. Default: 7 days. */
  readonly maxAgeMs?: number;
  /** The same for what all required groups have read, so that they can be set back for so long. Default: 24 hours. */
  readonly keepDeliveredMs?: number;
  /**
   * Groups without which nothing is done: what they have not read is never too old, and at `maxBytes` new records are refused
   * (`full`) until they have read on. One that has committed nothing has read nothing. Default: none.
   */
  readonly requiredGroups?: readonly string[];
  /** Drops at `maxBytes` what a required group has not read, instead. The group counts it as dropped. Default: false. */
  readonly retainPastGroups?: boolean;
  /**
   * Below so much free space on the disk new records are refused (`full`), until there is more; what all required groups have
   * read goes first. Default: 64 MiB; 0 asks nobody. Without the permission `sys=statfs` it has no effect.
   */
  readonly reserveBytes?: number;
  /**
   * Topics that may use what `reserveBytes` keeps free: dead letters, without which a group does not come to commit what would make
   * space. Default: none.
   */
  readonly reservedTopics?: readonly string[];
  /** The largest record. Default: 1,000,000 bytes, below what a Kafka topic takes by default. */
  readonly maxRecordBytes?: number;
  /** How much a topic holds that is not on the disk yet; beyond it, `publish` rejects with `full`. Default: 32 MiB. */
  readonly maxPendingBytes?: number;
  /**
   * How long a batch waits while another process holds the topic's lock. Default: 5,000 ms: whoever cannot wait stops waiting
   * and leaves the record here, but to give it up early would lose it.
   */
  readonly acceptBudgetMs?: number;
  /**
   * What readers do where accepted records cannot be read any more. Default: false: they end with `corrupt`, until the log is
   * repaired. With true they go on behind, and groups count what is lost as dropped.
   */
  readonly skipCorrupt?: boolean;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
  /** Milliseconds that pass, whatever is done to the clock, for retention by age. Default: `performance.now`. */
  readonly elapsedMs?: () => number;
  readonly disk?: Disk;
  /** 16 bytes that no other log has. Default: random ones. */
  readonly newLogId?: () => Uint8Array;
}

/** How long it takes until what cannot be read counts as damaged. */
const readPatienceMs = 10_000;

/** How long closing waits for records that are not on the disk yet, and then for readers. */
const closeBudgetMs = 10_000;

const dayMs = 24 * 60 * 60 * 1000;

interface Topic {
  readonly writer: TopicWriter;
  readonly wake: Wake;
}

/**
 * Opens the log. A topic that cannot be opened is reported to the log of the program, not to the caller: publishing to it
 * rejects, and recovers when the fault is mended.
 *
 * @throws {QueueError} by rejection, where the directory cannot be made: `unauthorized`, `full`, `unavailable`.
 */
export async function openFileLog(options: FileLogOptions): Promise<EventLog> {
  const {
    directory,
    topicPolicy = "ensure",
    maxBytes = 10 * 1024 ** 3,
    segmentBytes = 64 * 1024 * 1024,
    maxAgeMs = 7 * dayMs,
    keepDeliveredMs = dayMs,
    requiredGroups = [],
    retainPastGroups = false,
    reserveBytes = 64 * 1024 * 1024,
    reservedTopics = [],
    maxRecordBytes = guarantees.maxRecordBytes,
    maxPendingBytes = 32 * 1024 * 1024,
    acceptBudgetMs = 5000,
    skipCorrupt = false,
    telemetry = silentTelemetry,
    clock = systemClock,
    elapsedMs = () => performance.now(),
    disk = denoDisk,
    newLogId = () => crypto.getRandomValues(new Uint8Array(logIdBytes)),
  } = options;
  const place = { disk: patientDisk(disk, clock, readPatienceMs), directory, clock };
  const retention = { maxBytes, maxAgeMs, keepDeliveredMs, requiredGroups, retainPastGroups };
  const plans = {
    ...retention,
    reserveBytes,
    segmentBytes: Math.min(segmentBytes, Math.floor(maxBytes / 4)),
    maxPendingBytes,
    acceptBudgetMs,
    telemetry,
    clock,
    elapsedMs,
  };
  const topics = new Map<string, Topic>();
  const readers = new Set<PullReader>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  function topicOf(name: string): Topic {
    let topic = topics.get(name);
    if (topic === undefined) {
      const maker = topicPolicy === "ensure" ? newLogId : undefined;
      const writer = createTopicWriter(name, () => openTopicFolder(place, name, maker), {
        ...plans,
        ...(reservedTopics.includes(name) && { reserveBytes: 0 }),
      });
      topic = { writer, wake: createWake(disk, durablePath(`${directory}/${name}`), clock) };
      topics.set(name, topic);
    }
    return topic;
  }

  function requireOpen(): void {
    if (closed !== undefined) throw new QueueError("closed", "Log is closed");
  }

  async function openReader(name: string, options: SubscribeOptions): Promise<PullReader> {
    requireOpen();
    const folder = await openTopicFolder(place, name, undefined);
    const { writer, wake } = topicOf(name);
    const settle = async (): Promise<void> => {
      if (await isSettled(folder)) return;
      if (folder.writable) return await writer.settle();
      logger.warn(
        "Reading topic {topic} stops early: behind its durable end is something that only a process with the right to write can recover",
        { topic: name },
      );
    };
    const isRequired = options.group !== undefined && requiredGroups.includes(options.group);
    const mayFallBehind = !isRequired || retainPastGroups;
    const plans = {
      clock,
      wake,
      closing: closing.signal,
      settle,
      skipCorrupt,
      telemetry,
      mayFallBehind,
    };
    try {
      const reader = await openTopicReader(folder, options, plans);
      if (closed === undefined) return held(reader);
      await reader.leave();
    } catch (error) {
      folder.close();
      throw diskRefusal(error, `read topic "${name}"`);
    }
    throw new QueueError("closed", "Log is closed");
  }

  /** Closing the log makes all readers leave, also those whose subscription nobody iterates. */
  function held(reader: PullReader): PullReader {
    readers.add(reader);
    return {
      ...reader,
      async leave() {
        await reader.leave();
        readers.delete(reader);
      },
    };
  }

  /** The first topic that is not well. */
  function health(): QueueHealth {
    if (closed !== undefined) return closedHealth;
    const all = [...topics.values()].map(({ writer }) => writer.health());
    return all.find(({ status }) => status === "degraded") ?? healthy;
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.all([...topics.values()].map(({ writer }) => writer.close(closeBudgetMs)));
    const left = Promise.allSettled([...readers].map((reader) => reader.leave()));
    await settlesWithin(left, closeBudgetMs, clock);
  }

  try {
    await makeDurableDirectory(disk, directory);
  } catch (error) {
    throw diskRefusal(error, `open the log in "${directory}"`);
  }
  for (const name of options.topics ?? []) await prepare(name);

  /** Makes or looks for a topic, as the policy says. */
  async function prepare(name: string): Promise<void> {
    validateTopic(name);
    if (topicPolicy === "never") return;
    const { writer } = topicOf(name);
    writer.watch();
    try {
      await writer.settle();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("Topic {topic} cannot be opened: {reason}", { topic: name, reason, error });
    }
  }

  return {
    // Not an async function, which would be two more promises for each record.
    publish(topic, record, publishOptions) {
      try {
        if (publishOptions?.signal?.aborted) throw aborted();
        requireOpen();
        // The name of a topic that is known was checked when it was met.
        const known = topics.get(topic);
        const bytes = known === undefined ? validateRecord(topic, record) : validateContent(record);
        validateSize(topic, bytes, maxRecordBytes);
        const { writer } = known ?? topicOf(topic);
        return unlessAborted(writer.publish(record, bytes), publishOptions);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    subscribe: (topic, options = {}) =>
      pullSubscription(topic, options, () => openReader(topic, options)),
    health,
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

/** The names of new directories are durable only when those above them are synced, where we may. */
async function makeDurableDirectory(disk: Disk, directory: string): Promise<void> {
  try {
    await disk.makeDirectory(directory);
  } catch (error) {
    // Without the right to write, a directory that is there can still be read.
    await disk.list(directory).catch(() => {
      throw error;
    });
  }
  for (const above of [`${directory}/..`, `${directory}/../..`]) {
    await disk.syncDirectory(above).catch(() => {});
  }
}

function unlessAborted<T>(result: Promise<T>, options: PublishOptions | undefined): Promise<T> {
  const signal = options?.signal;
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(aborted());
    signal.addEventListener("abort", abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function aborted(): QueueError {
  return new QueueError("aborted", "Publishing was aborted: the record may stand");
}
