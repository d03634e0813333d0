/** The segments and groups of a topic as its files say, for looking at a log: nothing is judged, and nothing written. */
import type { Place } from "./segment_scan.ts";
import { DiskError } from "../disk/disk.ts";
import type { DurableEnd } from "./durable_slot.ts";
import { type GroupSlots, readGroupState } from "./group_slots.ts";
import { readSegmentHeader, segmentBases } from "./segment_chain.ts";
import { type SegmentHeader, segmentName } from "../format/segment_header.ts";
import { segmentPath } from "../append/segment_tail.ts";
import { groupPath, groupPaths, type TopicFolder } from "./topic_folder.ts";

export interface FoundSegment {
  readonly base: number;
  /** The file's name. */
  readonly file: string;
  readonly fileBytes: number;
  /** Undefined where it cannot be read. */
  readonly header: SegmentHeader | undefined;
}

export interface FoundGroup {
  readonly name: string;
  readonly state: GroupSlots;
  /** Whether a member holds the group's lock. */
  readonly isActive: boolean;
}

/** In the order of offsets. Those that are taken away with age meanwhile are left out. */
export async function findSegments(folder: TopicFolder): Promise<readonly FoundSegment[]> {
  const bases = await segmentBases(folder);
  return await whileThere(bases, async (base) => {
    const file = await folder.disk.open(segmentPath(folder, base), "read");
    try {
      const header = await readSegmentHeader(folder, file, base);
      return { base, file: segmentName(base), fileBytes: await file.size(), header };
    } finally {
      file.close();
    }
  });
}

/**
 * Looks at segments in order. One that is gone went with all before it, as age takes them away, the oldest first; not so the
 * last.
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

/** Sorted by name. */
export async function findGroups(folder: TopicFolder): Promise<readonly FoundGroup[]> {
  const found: FoundGroup[] = [];
  const prefix = groupPath(folder.path, "");
  for (const path of (await groupPaths(folder)).toSorted()) {
    const file = await folder.disk.open(path, "read");
    try {
      const state = await readGroupState(file, folder.logId);
      // Held for an instant: who comes to be active meanwhile tries again.
      const isActive = !file.tryLock();
      if (!isActive) file.unlock();
      found.push({ name: path.slice(prefix.length), state, isActive });
    } finally {
      file.close();
    }
  }
  return found;
}

/** Where a segment ends, as the next one's header or the durable slot says; undefined where neither does. */
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
