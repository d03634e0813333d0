/** The segments and groups of a topic as its files say, for looking at a log: nothing is judged, and nothing written. */
import type { Place } from "./segment_scan.ts";
import type { DurableEnd } from "./durable_slot.ts";
import { type GroupSlots, readGroupState } from "./group_slots.ts";
import { readSegmentHeader, segmentBases } from "./segment_chain.ts";
import { type SegmentHeader, segmentName } from "./segment_header.ts";
import { segmentPath } from "./segment_tail.ts";
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

/** In the order of offsets. */
export async function findSegments(folder: TopicFolder): Promise<readonly FoundSegment[]> {
  const found: FoundSegment[] = [];
  for (const base of await segmentBases(folder)) {
    const file = await folder.disk.open(segmentPath(folder, base), "read");
    try {
      const header = await readSegmentHeader(folder, file, base);
      found.push({ base, file: segmentName(base), fileBytes: await file.size(), header });
    } finally {
      file.close();
    }
  }
  return found;
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
