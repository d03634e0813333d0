/**
 * The wing `operate` is what operators do with the files of a log: inspect, verify and repair it,
 * and balance its ledger. It stands on all other wings, needs no process that has the log open, and
 * nothing but a repair, or giving a group up, changes it.
 *
 * This file is its front for the commands.
 */
import { type Clock, pause, systemClock } from "../../../../src/ports/clock.ts";
import type { LogTools } from "../../../../src/ports/log_tools.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { denoDisk } from "../disk/deno_disk.ts";
import type { Disk } from "../disk/disk.ts";
import { DiskError, diskRefusal } from "../disk/disk_error.ts";
import { patientDisk } from "../disk/patient_disk.ts";
import { readOnlyDisk } from "../disk/read_only_disk.ts";
import { openFileLog } from "../file_log.ts";
import { lockPath, openTopicFolder, type TopicFolder } from "../segments/topic_folder.ts";
import { copyTopic } from "./copy_topic.ts";
import { findEntries, type FoundEntries } from "./found_entries.ts";
import { inspectTopic } from "./inspect_log.ts";
import { releaseGroup } from "./release_group.ts";
import { repairTopic } from "./repair_log.ts";
import { verifyTopic } from "./verify_log.ts";

/** How often a look at a log is begun that changes under it, or whose device cannot be read. */
const maxAttempts = 5;
/**
 * How long it takes until what cannot be read counts as damaged, and how often that is looked at.
 */
const readPatienceMs = 3000;
const retryMs = 1000;

export interface FileLogToolsOptions {
  /** The log's directory, or the folder of one of its topics. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly disk?: Disk;
}

/**
 * The disk is opened for writing where something is repaired or given up, and no dry run, and by a
 * copy into its own folder.
 *
 * @throws {QueueError} by rejection, where the directory cannot be read.
 */
export async function openFileLogTools(options: FileLogToolsOptions): Promise<LogTools> {
  const { clock = systemClock } = options;
  const disk = patientDisk(options.disk ?? denoDisk, clock, readPatienceMs);
  const readable = readOnlyDisk(disk);
  const given = options.directory.replace(/(?<=.)\/+$/, "");
  const isTopic = await hasLock(readable, given);
  const slash = given.lastIndexOf("/");
  const directory = !isTopic ? given : slash === -1 ? "." : given.slice(0, slash) || "/";

  async function withTopic<T>(
    doing: string,
    topic: string,
    on: Disk,
    work: (folder: TopicFolder) => Promise<T>,
  ): Promise<T> {
    using folder = await openTopicFolder({ disk: on, directory, clock }, topic, undefined);
    try {
      return await work(folder);
    } catch (error) {
      throw diskRefusal(error, `${doing} topic "${topic}"`);
    }
  }

  /**
   * Again where a segment was taken away with age between the look at the folder and the look into
   * the file, and, after a pause, where the device cannot be read.
   */
  async function looking<T>(
    doing: string,
    topic: string,
    on: Disk,
    work: (folder: TopicFolder) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await withTopic(doing, topic, on, work);
      } catch (error) {
        const cause = error instanceof QueueError ? error.cause : undefined;
        const code = cause instanceof DiskError ? cause.code : undefined;
        if (attempt === maxAttempts || (code !== "missing" && code !== "failed")) throw error;
        if (code === "failed") await pause(clock, retryMs);
      }
    }
  }

  async function look(): Promise<FoundEntries> {
    if (isTopic) return { topics: [given.slice(slash + 1)], passedOver: [] };
    try {
      return await findEntries(readable, directory);
    } catch (error) {
      throw diskRefusal(error, `read directory "${directory}"`);
    }
  }

  return {
    topics: async () => (await look()).topics,
    passedOver: async () => (await look()).passedOver,
    inspect: (topic) => looking("inspect", topic, readable, inspectTopic),
    verify: (topic) => looking("verify", topic, readable, (folder) => verifyTopic(folder, clock)),
    repair: (topic, { dryRun }) =>
      looking("repair", topic, dryRun ? readable : disk, (folder) => {
        if (folder.writable || dryRun) return repairTopic(folder, dryRun, clock);
        throw new QueueError(
          "unauthorized",
          `Topic "${topic}" cannot be repaired without the right to write into "${folder.path}"`,
        );
      }),
    copy: (topic, to) =>
      looking(
        "copy",
        topic,
        readable,
        (folder) => copyTopic(folder, disk, `${to}/${topic}`, clock),
      ),
    release: (topic, group, { dryRun }) =>
      looking("release a group of", topic, dryRun ? readable : disk, (folder) => {
        if (folder.writable || dryRun) return releaseGroup(folder, group, dryRun, clock);
        throw new QueueError(
          "unauthorized",
          `Group "${group}" cannot be given up without the right to write into "${folder.path}"`,
        );
      }),
    openForReading: (options) =>
      openFileLog({ ...options, directory, topicPolicy: "never", clock, disk: readable }),
  };
}

async function hasLock(disk: Disk, path: string): Promise<boolean> {
  try {
    return await disk.inode(lockPath(path)) !== undefined;
  } catch (error) {
    throw diskRefusal(error, `look into "${path}"`);
  }
}
