/**
 * The wing `segments` is a topic at rest: its folder, identity, segments and slots, and what stands
 * in them, whole or damaged. Writers, readers and operators agree on it here; none of them is known
 * to it, and it judges nothing.
 *
 * This file is a topic's folder and the files in it that stay open.
 */
import { topicNameFault } from "../../../../src/domain/topic_name.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { Disk, DiskFile, OpenMode } from "../disk/disk.ts";
import { DiskError, diskRefusal } from "../disk/disk_error.ts";
import { createWriteLock } from "../disk/write_lock.ts";
import { durableFileBytes } from "./slots.ts";
import { unknownTopic } from "./topic_fault.ts";
import { readIdentity, writeIdentity } from "./topic_identity.ts";

/** Long enough for names of 249 characters in a file name of 255. */
const groupPrefix = "group.";

/** To dispose of it is to close its files. */
export interface TopicFolder extends Disposable {
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
}

/** How long another process may take to make a topic. */
const establishBudgetMs = 5000;

export interface FolderPlace {
  readonly disk: Disk;
  /** In which each topic has a folder. */
  readonly directory: string;
  readonly clock: Clock;
}

export const lockPath = (folder: string): string => `${folder}/lock`;
const turnPath = (folder: string): string => `${folder}/turn`;
export const durablePath = (folder: string): string => `${folder}/durable`;
export const groupPath = (folder: string, group: string): string =>
  `${folder}/${groupPrefix}${group}`;

/**
 * The paths of all groups' files. What no group can be named (`group.audit~`), and a folder, is
 * somebody else's.
 */
export async function groupPaths({ disk, path }: TopicFolder): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await disk.list(path)) {
    if (!name.startsWith(groupPrefix)) continue;
    if (topicNameFault(name.slice(groupPrefix.length)) !== undefined) continue;
    const file = `${path}/${name}`;
    const isFolder = await disk.list(file).then(() => true, () => false);
    if (!isFolder) found.push(file);
  }
  return found;
}

/**
 * Opens a topic, or makes it.
 *
 * @param newLogId Present: the topic is made where there is none. It may be called while another
 *   process does the same.
 * @throws {QueueError} `unknown_topic` and those of `diskRefusal`
 */
export async function openTopicFolder(
  place: FolderPlace,
  topic: string,
  newLogId: (() => Uint8Array) | undefined,
): Promise<TopicFolder> {
  const { disk, directory, clock } = place;
  const path = `${directory}/${topic}`;
  const opened: DiskFile[] = [];
  const open = async (name: string, mode: OpenMode): Promise<DiskFile> => {
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
    const turn = await open(turnPath(path), mode);
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
    return { disk, topic, path, logId, lock, turn, durable, writable, [Symbol.dispose]: close };
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
  using lock = createWriteLock(files.lock, files.turn, clock);
  await lock.take(establishBudgetMs);
  return await work();
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

const isUnfilled = async (durable: DiskFile): Promise<boolean> =>
  await durable.size() < durableFileBytes;

/**
 * The slot's blocks are taken now: a disk that is full later must not keep it from being written.
 * Under the lock, so that no zeros come over the slot of a writer who was quicker.
 */
async function fillDurable(durable: DiskFile): Promise<void> {
  if (!await isUnfilled(durable)) return;
  await durable.write(0, new Uint8Array(durableFileBytes));
  await durable.sync();
}

/** Whether the folder's files have lost their names; another log may stand at its path by now. */
export const isRemoved = ({ lock }: TopicFolder): boolean => lock.links().count === 0;

/**
 * Whether the topic's files are still those that are open: removed and made again, they have other
 * numbers. Each that stays open is asked about, as somebody may remove one alone.
 */
export async function isInPlace(
  { disk, path, lock, turn, durable }: TopicFolder,
): Promise<boolean> {
  for (
    const [file, place] of [[lock, lockPath(path)], [durable, durablePath(path)], [
      turn,
      turnPath(path),
    ]] as const
  ) {
    const { count, inode } = file.links();
    if (count === 0 || await disk.inode(place) !== inode) return false;
  }
  return true;
}
