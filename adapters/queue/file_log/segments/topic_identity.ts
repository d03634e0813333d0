/** Which log a topic's folder holds. */
import { getLogger } from "../../../../src/ports/logger.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Disk } from "../disk/disk.ts";
import { DiskError } from "../disk/disk_error.ts";
import { decodeSegmentHeader, segmentBase, segmentHeaderBytes } from "../format/segment_header.ts";
import { decodeIdentity, encodeIdentity, identityBytes } from "../format/stored_page.ts";
import { futureVersion } from "./topic_fault.ts";

const logger = getLogger(["shelfcast", "file_log"]);

const idPath = (folder: string): string => `${folder}/id`;

/** Undefined where there is no such folder, or one that a crash left before it was a topic. */
export async function readIdentity(
  disk: Disk,
  path: string,
  topic: string,
): Promise<Uint8Array | undefined> {
  const page = await readPage(disk, idPath(path), identityBytes);
  const identity = page && decodeIdentity(page);
  if (identity instanceof Uint8Array) return identity;
  if (identity === "future version") throw futureVersion(idPath(path));
  // Nothing is written into a topic before its identity is durable: without segments it is none
  // yet, and beside them it was damaged, or removed.
  const segments = await segmentNames(disk, path);
  if (segments.length === 0) return undefined;
  const known = await identityOfSegments(disk, path, segments);
  // A power cut may leave a first segment without its content, and no identity: nothing stood
  // there.
  if (known === undefined && page === undefined) return undefined;
  if (known === undefined) {
    throw new QueueError("corrupt", `Identity of topic "${topic}" cannot be read, in "${path}/id"`);
  }
  logger.error(
    "The identity of topic {topic} was damaged or removed: it is made anew from its segments",
    {
      topic,
    },
  );
  // Without the right to write it is damaged the next time, too.
  await writeIdentity(disk, path, known, true).catch(() => {});
  return known;
}

export async function writeIdentity(
  disk: Disk,
  path: string,
  logId: Uint8Array,
  durably: boolean,
): Promise<void> {
  using file = await disk.open(idPath(path), "create");
  await file.write(0, encodeIdentity(logId));
  if (durably) await file.sync();
}

/**
 * Makes the identity durable, before there is a segment that depends on it. Written again, because
 * who wrote it first may have been killed before a sync, or been told that the sync failed.
 */
export function secureIdentity(
  { disk, path, logId }: {
    readonly disk: Disk;
    readonly path: string;
    readonly logId: Uint8Array;
  },
): Promise<void> {
  return writeIdentity(disk, path, logId, true);
}

/**
 * Each segment's header names the log that it belongs to; the newest that can be read is believed.
 */
async function identityOfSegments(
  disk: Disk,
  path: string,
  names: readonly string[],
): Promise<Uint8Array | undefined> {
  for (const name of names.toSorted().toReversed()) {
    const page = await readPage(disk, `${path}/${name}`, segmentHeaderBytes);
    const header = page && decodeSegmentHeader(page);
    if (typeof header === "object") return header.logId;
  }
  return undefined;
}

/** None where there is no folder. */
async function segmentNames(disk: Disk, path: string): Promise<readonly string[]> {
  try {
    return (await disk.list(path)).filter((name) => segmentBase(name) !== undefined);
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return [];
    throw error;
  }
}

/** The beginning of a file, as much of it as there is; undefined where there is no file. */
async function readPage(disk: Disk, path: string, bytes: number): Promise<Uint8Array | undefined> {
  const page = new Uint8Array(bytes);
  try {
    using file = await disk.open(path, "read");
    return page.subarray(0, await file.read(0, page));
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return undefined;
    throw error;
  }
}
