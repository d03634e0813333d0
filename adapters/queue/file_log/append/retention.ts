/** Taking old segments away, whole and oldest first. Only under the lock. */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { SegmentHeader } from "../format/segment_header.ts";
import { brokenCopies } from "../segments/broken_copy.ts";
import { headerOf, openSegment, segmentBases, segmentPath } from "../segments/segment_file.ts";
import { groupPages } from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { type HeldGroups, passForReleased, readTo } from "./held_groups.ts";
import { type Holder, measureHolders } from "./holders.ts";
import { publishEnd, type SegmentTail } from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);

export interface RetentionPlans {
  /** How large a topic becomes, all segments together. */
  readonly maxBytes: number;
  /** Segments whose newest record is older are taken away. */
  readonly maxAgeMs: number;
  /** The same for segments that all required groups have read. */
  readonly keepDeliveredMs: number;
  /**
   * Takes also away what a required group has not read, rather than refuse new records at
   * `maxBytes`.
   */
  readonly retainPastGroups: boolean;
  /** So many records went for their size before everybody there had read them. */
  readonly onEvicted?: (records: number) => void;
}

export interface Need {
  /** Of the segment that is appended to and what is appended. */
  readonly neededBytes: number;
  /** What the disk lacks: for that, what all required groups have read goes early. */
  readonly missingBytes: number;
}

/** What is left. */
export interface Retained {
  /** The bytes of the segments and copies, without the segment that is appended to. */
  readonly closedBytes: number;
  /** What required groups have not read of the log. */
  readonly holders: readonly Holder[];
}

/**
 * Takes away what is too old, or too much. What repairs kept of damaged segments counts, too: up to
 * a quarter of `maxBytes` of it stays until all is gone that may go and was read.
 */
export async function retainSegments(
  folder: TopicFolder,
  tail: SegmentTail,
  plans: RetentionPlans,
  held: Pick<HeldGroups, "find">,
  now: number,
  { neededBytes, missingBytes }: Need,
): Promise<Retained> {
  const bases = (await segmentBases(folder)).filter((base) => base <= tail.header.base);
  const sizes = await Promise.all(bases.slice(0, -1).map((base) => sizeOf(folder, base)));
  const copies = [...await brokenCopies(folder)];
  const bytesOfCopies = () => copies.reduce((sum, { bytes }) => sum + bytes, 0);
  let closedBytes = sizes.reduce((sum, size) => sum + size, bytesOfCopies());
  let freedBytes = 0;
  let groups = await held.find(folder);
  const isTooMuch = () => closedBytes + neededBytes > plans.maxBytes;

  /** What a repair kept is evidence, but no record depends on it. */
  async function takeCopies(isNeeded: () => boolean): Promise<void> {
    while (copies.length > 0 && isNeeded()) {
      const { path, bytes } = copies.shift()!;
      await folder.disk.remove(path);
      await folder.disk.syncDirectory(folder.path);
      closedBytes -= bytes;
      freedBytes += bytes;
      logger.warn("Took {path} away, which a repair had kept, to stay below the bound", { path });
    }
  }

  await takeCopies(() => bytesOfCopies() > plans.maxBytes / 4);
  for (const [n, size] of sizes.entries()) {
    const [base, successor] = [bases[n] ?? 0, bases[n + 1] ?? 0];
    const header = successor === tail.header.base ? tail.header : await headerOf(folder, successor);
    const end = header?.predecessor?.next ?? successor;
    const isHeld = groups.some((group) => readTo(group) < end);
    // Sooner than an event that was not read, or a new one that would be refused.
    if (isHeld) await takeCopies(() => isTooMuch() || freedBytes < missingBytes);
    const isOver = isTooMuch();
    if (isHeld && !(isOver && plans.retainPastGroups)) break;
    const ageMs = now - await newestTime(folder, base, header, now);
    const isDelivered = groups.length > 0 && !isHeld;
    const keepMs = isDelivered ? Math.min(plans.keepDeliveredMs, plans.maxAgeMs) : plans.maxAgeMs;
    const isShort = isDelivered && freedBytes < missingBytes;
    if (!isOver && !isShort && ageMs <= keepMs) break;
    const unread = isOver ? await unreadIn(folder, base, successor, header) : 0;
    // Durably, so that a segment that is missing without it is known to be lost.
    tail.begin = successor;
    await publishEnd(folder, tail);
    await folder.durable.sync();
    await folder.disk.remove(segmentPath(folder, base));
    // After each, so that a crash never leaves an older one than is missing.
    await folder.disk.syncDirectory(folder.path);
    closedBytes -= size;
    freedBytes += size;
    const recordsBefore = header?.recordsBefore;
    await passForReleased(folder, { base: successor, recordsBefore });
    // Another process may require one more by now.
    groups = await held.find(folder);
    logger.info("Took segment {segment} of topic {topic} away: {reason}", {
      segment: base,
      topic: folder.topic,
      reason: isOver ? "size" : isShort ? "free space" : "age",
      wasRead: !isHeld && groups.length > 0,
    });
    if (unread > 0) plans.onEvicted?.(unread);
  }
  await takeCopies(() => isTooMuch() || freedBytes < missingBytes);
  return { closedBytes, holders: await measureHolders(folder, tail, groups) };
}

/**
 * How many records a segment has, where a group that is there, required or not, has still to read
 * it. Where none is there, or only such as were given up, nobody has read it.
 */
async function unreadIn(
  folder: TopicFolder,
  base: number,
  successor: number,
  header: SegmentHeader | undefined,
): Promise<number> {
  const groups = (await groupPages(folder)).filter(({ state }) =>
    typeof state !== "object" || state.hold !== "released"
  );
  const end = header?.predecessor?.next ?? successor;
  if (groups.length > 0 && groups.every((group) => readTo(group) >= end)) return 0;
  const before = (await headerOf(folder, base))?.recordsBefore ?? base;
  return (header?.recordsBefore ?? successor) - before;
}

async function sizeOf(folder: TopicFolder, base: number): Promise<number> {
  using segment = await openSegment(folder, base);
  return await segment.file.size();
}

/**
 * Of the newest record of a segment, at the latest: what its successor does not know is not old.
 */
async function newestTime(
  folder: TopicFolder,
  base: number,
  successor: SegmentHeader | undefined,
  now: number,
): Promise<number> {
  if (successor?.predecessor?.base !== base) return now;
  using segment = await openSegment(folder, base);
  return (await segment.readFooter(successor.predecessor.length))?.time ?? successor.time;
}
