import { corruptJump } from "../append/segment_tail.ts";
import { findSegments } from "./topic_contents.ts";
import type { TopicFolder } from "./topic_folder.ts";

/** How many records the log took before an offset, by the headers of its segments: offsets may jump, counts do not. */
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
