/** What required groups hold back, in bytes and records, and the words for it. */
import { segmentHeaderBytes } from "../format/segment_header.ts";
import { recordsCounted } from "../segments/slots.ts";
import { findSegments, type GroupPage, knownEnd } from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { readTo } from "./held_groups.ts";
import type { SegmentTail } from "./segment_tail.ts";

/** A required group that has not read all. */
export interface Holder {
  readonly group: string;
  /** Undefined where it has none, or none that can be read. */
  readonly position: number | undefined;
  /** What it has not read. */
  readonly records: number;
  /** Of segments that cannot be taken away before it has read on. */
  readonly bytes: number;
  /** When the oldest of them was begun. */
  readonly since: number;
}

/** In the order of what they hold, the most first. */
export async function measureHolders(
  folder: TopicFolder,
  tail: SegmentTail,
  groups: readonly GroupPage[],
): Promise<readonly Holder[]> {
  const behind = groups.filter((group) => readTo(group) < tail.next);
  if (behind.length === 0) return [];
  const segments = (await findSegments(folder)).filter(({ base }) => base <= tail.header.base);
  const before = segments[0]?.header?.recordsBefore ?? tail.header.recordsBefore;
  return behind.map((group): Holder => {
    const { name, state } = group;
    const at = readTo(group);
    const isBegun = typeof state === "object" && state.hasBegun;
    const unread = segments.filter((segment, n) =>
      (knownEnd(segment, segments[n + 1], undefined)?.next ?? tail.next) > at
    );
    return {
      group: name,
      position: isBegun ? state.position : undefined,
      records: tail.records - (isBegun ? recordsCounted(state) : before),
      bytes: unread.reduce(
        (sum, { base, fileBytes }) =>
          sum + (base === tail.header.base ? tail.bytes : fileBytes) - segmentHeaderBytes,
        0,
      ),
      since: unread[0]?.header?.time ?? tail.header.time,
    };
  }).toSorted((a, b) => b.bytes - a.bytes);
}

/** The end of a sentence: which groups hold the log back, and how far they have read. */
export function describeHolders(holders: readonly Holder[]): string {
  const most = holders.filter(({ bytes }) => bytes === holders[0]?.bytes);
  if (most.length === 0) return "";
  const named = most.map(({ group, position }) =>
    `"${group}" (${position === undefined ? "has read nothing" : `at offset ${position}`})`
  );
  return `; kept for the required ${most.length === 1 ? "group" : "groups"} ${named.join(", ")}`;
}
