/**
 * The segments and groups of a topic as its files say, for looking at a log: nothing is judged, and
 * nothing written.
 */
import { DiskError } from "../disk/disk_error.ts";
import { type SegmentHeader, segmentName } from "../format/segment_header.ts";
import { openSegment, segmentBases } from "./segment_file.ts";
import { type Place, scanSegment } from "./segment_scan.ts";
import {
  type DurableEnd,
  type FoundGroupState,
  type GroupHold,
  readDurableEnd,
  readGroupPage,
  readGroupState,
} from "./slots.ts";
import { groupPath, groupPaths, type TopicFolder } from "./topic_folder.ts";

/** For a look behind a known end, where most often there is nothing. */
export const peekBytes = 4096;

export interface FoundSegment {
  readonly base: number;
  /** The file's name. */
  readonly file: string;
  readonly fileBytes: number;
  /** Undefined where it cannot be read. */
  readonly header: SegmentHeader | undefined;
}

/** What a group's file says. */
export interface GroupPage {
  readonly name: string;
  /** Also of a group that has no position yet. */
  readonly state: FoundGroupState;
}

export interface FoundGroup {
  readonly name: string;
  /** `none` also where it has no position yet. */
  readonly state: FoundGroupState;
  /** Undefined where its file cannot be read. */
  readonly hold: GroupHold | undefined;
  /** Whether a member holds the group's lock. */
  readonly isActive: boolean;
}

/** In the order of offsets. Those that are taken away with age meanwhile are left out. */
export async function findSegments(folder: TopicFolder): Promise<readonly FoundSegment[]> {
  const bases = await segmentBases(folder);
  return await whileThere(bases, async (base) => {
    using segment = await openSegment(folder, base);
    const header = await segment.readHeader();
    return { base, file: segmentName(base), fileBytes: await segment.file.size(), header };
  });
}

/**
 * Looks at segments in order. One that is gone went with all before it, as age takes them away, the
 * oldest first; not so the last.
 */
export async function whileThere<S, T>(
  segments: readonly S[],
  look: (segment: S, index: number, before: T | undefined) => Promise<T>,
): Promise<readonly T[]> {
  const seen: T[] = [];
  for (const [n, segment] of segments.entries()) {
    try {
      seen.push(await look(segment, n, seen.at(-1)));
    } catch (error) {
      const isGone = error instanceof DiskError && error.code === "missing";
      if (!isGone || n === segments.length - 1) throw error;
      seen.length = 0;
    }
  }
  return seen;
}

/** What a group's file says; `none` also where there is no file. */
export async function groupStateAt(
  { disk, logId }: TopicFolder,
  path: string,
): Promise<FoundGroupState> {
  try {
    using file = await disk.open(path, "read");
    return await readGroupState(file, logId);
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return "none";
    throw error;
  }
}

/** Of all groups, sorted by name. Takes no lock: nobody who comes to be active is held up. */
export async function groupPages(folder: TopicFolder): Promise<readonly GroupPage[]> {
  const found: GroupPage[] = [];
  const prefix = groupPath(folder.path, "");
  for (const path of (await groupPaths(folder)).toSorted()) {
    using file = await folder.disk.open(path, "read");
    found.push({ name: path.slice(prefix.length), state: await readGroupPage(file, folder.logId) });
  }
  return found;
}

/** Whether a member holds the group's lock, which is taken for an instant. */
export async function isGroupActive({ disk, path }: TopicFolder, name: string): Promise<boolean> {
  try {
    using file = await disk.open(groupPath(path, name), "read");
    if (!file.tryLock()) return true;
    file.unlock();
    return false;
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return false;
    throw error;
  }
}

/** Sorted by name. */
export async function findGroups(folder: TopicFolder): Promise<readonly FoundGroup[]> {
  const found: FoundGroup[] = [];
  for (const { name, state: page } of await groupPages(folder)) {
    const state = typeof page === "object" && !page.hasBegun ? "none" : page;
    const hold = typeof page === "object" ? page.hold : page === "none" ? "none" : undefined;
    found.push({ name, state, hold, isActive: await isGroupActive(folder, name) });
  }
  return found;
}

/**
 * Where a segment ends, as the next one's header or the durable slot says; undefined where neither
 * does.
 */
export function knownEnd(
  segment: FoundSegment,
  successor: FoundSegment | undefined,
  slot: DurableEnd | undefined,
): Place | undefined {
  const left = successor?.header?.predecessor;
  if (left?.base === segment.base) return { bytes: left.length, next: left.next };
  if (successor !== undefined || slot?.segment !== segment.base) return undefined;
  return { bytes: slot.bytes, next: slot.next };
}

/**
 * Whether the durable slot tells of all that stands: there is no batch in flight, and none that a
 * writer left which died before it could say so. Looked at without the lock, so that readers who
 * come do not hold writers up.
 */
export async function isEndPublished(folder: TopicFolder): Promise<boolean> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  if (slot === undefined || slot.moving) return false;
  // The power may have taken a slot that named a newer one; and one that is missing is for
  // recovery, too.
  if ((await segmentBases(folder)).at(-1) !== slot.segment) return false;
  using segment = await openSegment(folder, slot.segment);
  const { stoppedBy, next } = await scanSegment(segment.file, slot, segment.seed, peekBytes);
  return stoppedBy === "nothing" && next === slot.next;
}
