/** How many records stand before and between offsets: offsets may jump, counts do not. */
import { corruptJump } from "../format/segment_header.ts";
import { findSegments } from "./topic_contents.ts";
import type { TopicFolder } from "./topic_folder.ts";

/** A log's first segment: those before it were taken away with age or for their size. */
export interface FirstSegment {
  readonly base: number;
  /** Undefined where its header cannot be read. */
  readonly recordsBefore: number | undefined;
}

/**
 * How many records stood between a position and the first segment that is left.
 *
 * @param counted How many records the log took before the position, as its group says. It is
 *   believed as far as the offsets allow: those that failed syncs left out lie somewhere before the
 *   segment, and nobody knows any more how many of them behind the position.
 */
export function takenAway(
  { base, recordsBefore }: FirstSegment,
  position: number,
  counted: number | undefined,
): number {
  const most = (base - position) % corruptJump;
  if (recordsBefore === undefined || counted === undefined) return most;
  const neverGiven = (base - recordsBefore) % corruptJump;
  return Math.min(most, Math.max(0, most - neverGiven, recordsBefore - counted));
}

/** How many records the log took before an offset, by the headers of its segments. */
export async function recordsUpTo(folder: TopicFolder, offset: number): Promise<number> {
  const segments = (await findSegments(folder)).flatMap(({ header }) => header ?? []);
  const [first] = segments;
  if (first === undefined) return offset % corruptJump;
  if (offset < first.base) {
    return Math.max(0, first.recordsBefore - (first.base - offset) % corruptJump);
  }
  const n = segments.findLastIndex(({ base }) => base <= offset);
  const { base, recordsBefore } = segments[n] ?? first;
  const taken = (segments[n + 1]?.recordsBefore ?? Infinity) - recordsBefore;
  return recordsBefore + Math.min(offset - base, taken);
}
