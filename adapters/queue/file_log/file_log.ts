/**
 * A log in files of a directory that several processes append to and read at the same time. A
 * record is accepted when it is on the disk, synced. The format is described in `FORMAT.md`.
 */
import { getLogger } from "../../../src/ports/logger.ts";
import { systemClock, within } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { SubscribeOptions } from "../../../src/ports/event_source.ts";
import { type PullReader, pullSubscription } from "../../../src/ports/pull_subscription.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth, healthy, type QueueHealth } from "../../../src/ports/queue_health.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { unlessAborted } from "../../../src/ports/unless_aborted.ts";
import {
  validateContent,
  validateRecord,
  validateSize,
  validateTopic,
} from "../../../src/ports/validate_record.ts";
import { createTopicWriter, type TopicWriter } from "./append/topic_writer.ts";
import { guarantees } from "./declaration.ts";
import { denoDisk } from "./disk/deno_disk.ts";
import type { Disk } from "./disk/disk.ts";
import { diskRefusal } from "./disk/disk_error.ts";
import { patientDisk } from "./disk/patient_disk.ts";
import type { FileLogOptions } from "./file_log_options.ts";
import { logIdBytes } from "./format/stored_page.ts";
import { createLogGroups } from "./read/log_groups.ts";
import { openTopicReader } from "./read/topic_reader.ts";
import { createWake, type Wake } from "./read/wake.ts";
import { isEndPublished } from "./segments/topic_contents.ts";
import { durablePath, openTopicFolder, type TopicFolder } from "./segments/topic_folder.ts";

const logger = getLogger(["shelfcast", "file_log"]);

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
 * Opens the log. A topic that cannot be opened is reported to the log of the program, not to the
 * caller: publishing to it rejects, and recovers when the fault is mended.
 *
 * @throws {QueueError} by rejection, where the directory cannot be made: `unauthorized`, `full`,
 *   `unavailable`.
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
      const isReserved = reservedTopics.includes(name);
      const maker = topicPolicy === "ensure" || isReserved ? newLogId : undefined;
      const writer = createTopicWriter(name, () => openTopicFolder(place, name, maker), {
        ...plans,
        // What becomes of dead letters is not for the log to say: nobody reads them as a group.
        isHoldLasting: !isReserved,
        ...(isReserved && { reserveBytes: 0 }),
      });
      topic = { writer, wake: createWake(disk, durablePath(`${directory}/${name}`), clock) };
      topics.set(name, topic);
    }
    return topic;
  }

  function requireOpen(): void {
    if (closed !== undefined) throw new QueueError("closed", "Log is closed");
  }

  /** Makes visible what a dead writer left. */
  async function recoverEnd(folder: TopicFolder): Promise<void> {
    const { topic, writable } = folder;
    if (await isEndPublished(folder)) return;
    if (writable) return await topicOf(topic).writer.recover();
    logger.warn(
      "Reading topic {topic} stops early: behind its durable end is something that only a process with the right to write can recover",
      { topic },
    );
  }

  async function openReader(name: string, options: SubscribeOptions): Promise<PullReader> {
    requireOpen();
    const folder = await openTopicFolder(place, name, undefined);
    const { wake } = topicOf(name);
    const recover = () => recoverEnd(folder);
    const plans = {
      clock,
      wake,
      closing: closing.signal,
      recover,
      skipCorrupt,
      isRequired: options.group !== undefined && requiredGroups.includes(options.group),
      telemetry,
    };
    try {
      const reader = await openTopicReader(folder, options, plans);
      if (closed === undefined) return held(reader);
      await reader.leave();
    } catch (error) {
      folder[Symbol.dispose]();
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
    await within(clock, closeBudgetMs, left, () => {});
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
      await writer.recover();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("Topic {topic} cannot be opened: {reason}", { topic: name, reason, error });
    }
  }

  return {
    // Not an async function, which would be two more promises for each record.
    publish: (topic, record, publishOptions) =>
      unlessAborted(publishOptions?.signal, () => {
        requireOpen();
        // The name of a topic that is known was checked when it was met.
        const known = topics.get(topic);
        const bytes = known === undefined ? validateRecord(topic, record) : validateContent(record);
        validateSize(topic, bytes, maxRecordBytes);
        const { writer } = known ?? topicOf(topic);
        return writer.publish(record, bytes);
      }),
    subscribe: (topic, options = {}) =>
      pullSubscription(topic, options, () => openReader(topic, options)),
    groups: createLogGroups({ ...place, requireOpen, recover: recoverEnd }),
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
