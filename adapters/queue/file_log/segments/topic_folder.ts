/** A topic's folder and the files in it that stay open: what all parts of the log agree on. */
import { getLogger } from "@logtape/logtape";
import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { type Disk, DiskError, type DiskFile } from "../disk/disk.ts";
import { durableFileBytes } from "./durable_slot.ts";
import { decodeIdentity, encodeIdentity, identityBytes } from "../format/log_identity.ts";
import { diskRefusal } from "../disk/disk_refusal.ts";
import { decodeSegmentHeader, segmentBase, segmentHeaderBytes } from "../format/segment_header.ts";
import { createWriteLock } from "../disk/write_lock.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/** Long enough for names of 249 characters in a file name of 255. */
const groupPrefix = "group.";

export interface TopicFolder {
  readonly disk: Disk;
  readonly topic: string;
  readonly path: string;
  readonly logId: Uint8Array;
  /** Held by whoever appends or recovers. */
  readonly lock: DiskFile;
  /** Held by whoever is next to hold the lock. */
  readonly turn: DiskFile;
  readonly durable: DiskFile;
  /** False where we may only read. */
  readonly writable: boolean;
  close(): void;
}

/** How long another process may take to make a topic. */
const establishBudgetMs = 5000;

export interface FolderPlace {
  readonly disk: Disk;
  /** In which each topic has a folder. */
  readonly directory: string;
  readonly clock: Clock;
}

export const idPath = (folder: string): string => `${folder}/id`;
export const lockPath = (folder: string): string => `${folder}/lock`;
export const durablePath = (folder: string): string => `${folder}/durable`;
export const groupPath = (folder: string, group: string): string =>
  `${folder}/${groupPrefix}${group}`;

/** The paths of all groups' files. */
export async function groupPaths({ disk, path }: TopicFolder): Promise<readonly string[]> {
  const names = await disk.list(path);
  return names.filter((name) => name.startsWith(groupPrefix)).map((name) => `${path}/${name}`);
}

/**
 * Opens a topic, or makes it.
 *
 * @param newLogId Present: the topic is made where there is none. It may be called while another process does the same.
 * @throws {QueueError} `unknown_topic` and those of `disk_refusal.ts`
 */
export async function openTopicFolder(
  place: FolderPlace,
  topic: string,
  newLogId: (() => Uint8Array) | undefined,
): Promise<TopicFolder> {
  const { disk, directory, clock } = place;
  const path = `${directory}/${topic}`;
  const opened: DiskFile[] = [];
  const open = async (name: string, mode: "read" | "write" | "create"): Promise<DiskFile> => {
    const file = await disk.open(name, mode);
    opened.push(file);
    return file;
  };
  const close = (): void => {
    for (const file of opened.splice(0)) file.close();
  };
  try {
    let logId = await readIdentity(disk, path, topic);
    if (logId === undefined) {
      if (newLogId === undefined) throw unknownTopic(topic);
      await disk.makeDirectory(path);
    }
    const writable = logId === undefined || await mayWrite(disk, path);
    const mode = writable ? "create" : "read";
    const lock = await open(lockPath(path), mode);
    const turn = await open(`${path}/turn`, mode);
    if (newLogId !== undefined) {
      // Also where the folder is old: who made it may have been killed before this.
      await disk.syncDirectory(directory);
      logId ??= await establish(place, path, topic, newLogId, { lock, turn });
    }
    if (logId === undefined) throw unknownTopic(topic);
    const durable = await open(durablePath(path), mode);
    if (writable && await isUnfilled(durable)) {
      await underLock(clock, { lock, turn }, () => fillDurable(durable));
    }
    return { disk, topic, path, logId, lock, turn, durable, writable, close };
  } catch (error) {
    close();
    throw diskRefusal(error, `open topic "${topic}"`);
  }
}

/** Gives the folder an identity, unless another process has just done so. */
function establish(
  { disk, clock }: FolderPlace,
  path: string,
  topic: string,
  newLogId: () => Uint8Array,
  files: LockFiles,
): Promise<Uint8Array> {
  return underLock(clock, files, async () => {
    const present = await readIdentity(disk, path, topic);
    if (present !== undefined) return present;
    const logId = newLogId();
    await writeIdentity(disk, path, logId, false);
    return logId;
  });
}

type LockFiles = Pick<TopicFolder, "lock" | "turn">;

async function underLock<T>(clock: Clock, files: LockFiles, work: () => Promise<T>): Promise<T> {
  const lock = createWriteLock(files.lock, files.turn, clock);
  await lock.take(establishBudgetMs);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Makes the identity durable, before there is a segment that depends on it. Written again, because who wrote it first may have
 * been killed before a sync, or been told that the sync failed.
 */
export function secureIdentity({ disk, path, logId }: TopicFolder): Promise<void> {
  return writeIdentity(disk, path, logId, true);
}

async function writeIdentity(
  disk: Disk,
  path: string,
  logId: Uint8Array,
  durably: boolean,
): Promise<void> {
  const file = await disk.open(idPath(path), "create");
  try {
    await file.write(0, encodeIdentity(logId));
    if (durably) await file.sync();
  } finally {
    file.close();
  }
}

async function mayWrite(disk: Disk, path: string): Promise<boolean> {
  try {
    (await disk.open(lockPath(path), "create")).close();
    return true;
  } catch (error) {
    if (error instanceof DiskError && error.code === "denied") return false;
    throw error;
  }
}

/** Undefined where there is no such folder, or one that a crash left before it was a topic. */
async function readIdentity(
  disk: Disk,
  path: string,
  topic: string,
): Promise<Uint8Array | undefined> {
  const page = new Uint8Array(identityBytes);
  let filled: number;
  try {
    const file = await disk.open(idPath(path), "read");
    try {
      filled = await file.read(0, page);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return undefined;
    throw error;
  }
  const identity = decodeIdentity(page.subarray(0, filled));
  if (identity instanceof Uint8Array) return identity;
  if (identity === "future version") throw futureVersion(idPath(path));
  // Nothing is written into a topic before its identity is durable.
  const segments = (await disk.list(path)).filter((name) => segmentBase(name) !== undefined);
  if (segments.length === 0) return undefined;
  const known = await identityOfSegments(disk, path, segments);
  if (known === undefined) {
    throw new QueueError("corrupt", `Identity of topic "${topic}" cannot be read, in "${path}/id"`);
  }
  logger.error("The identity of topic {topic} was damaged: it is made anew from its segments", {
    topic,
  });
  // Without the right to write it is damaged the next time, too.
  await writeIdentity(disk, path, known, true).catch(() => {});
  return known;
}

/** Each segment's header names the log that it belongs to; the newest that can be read is believed. */
async function identityOfSegments(
  disk: Disk,
  path: string,
  names: readonly string[],
): Promise<Uint8Array | undefined> {
  for (const name of names.toSorted().toReversed()) {
    const page = new Uint8Array(segmentHeaderBytes);
    const file = await disk.open(`${path}/${name}`, "read");
    try {
      await file.read(0, page);
    } finally {
      file.close();
    }
    const header = decodeSegmentHeader(page);
    if (typeof header === "object") return header.logId;
  }
  return undefined;
}

const isUnfilled = async (durable: DiskFile): Promise<boolean> =>
  await durable.size() < durableFileBytes;

/**
 * The slot's blocks are taken now: a disk that is full later must not keep it from being written. Under the lock, so that no
 * zeros come over the slot of a writer who was quicker.
 */
async function fillDurable(durable: DiskFile): Promise<void> {
  if (!await isUnfilled(durable)) return;
  await durable.write(0, new Uint8Array(durableFileBytes));
  await durable.sync();
}

/** Whether the folder's files have lost their names; another log may stand at its path by now. */
export const isRemoved = ({ lock }: TopicFolder): boolean => lock.links().count === 0;

export function removed(topic: string): QueueError {
  return new QueueError("unavailable", `Folder of topic "${topic}" was removed while it was open`);
}

export function futureVersion(path: string): QueueError {
  return new QueueError(
    "unsupported",
    `File "${path}" is of a later format version, wanted version 1: use a newer program`,
  );
}

function unknownTopic(topic: string): QueueError {
  return new QueueError("unknown_topic", `Topic "${topic}" does not exist`);
}
