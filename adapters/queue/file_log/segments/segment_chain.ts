/** The segments of a topic as their headers link them. */
import type { SegmentHeader } from "../format/segment_header.ts";
import { openSegment } from "./segment_file.ts";
import type { TopicFolder } from "./topic_folder.ts";

/**
 * Whether segments are missing before the first one, which begins with `base`, that retention did
 * not take away and no repair gave up.
 *
 * @param begin As the durable slot says it, read after the names of the segments: retention moves
 *   it first.
 */
export function isBeginMissing(
  base: number,
  header: SegmentHeader | undefined,
  begin: number | undefined,
): boolean {
  return begin !== undefined && base > begin && !isRepairedBegin(header);
}

/**
 * A repair says by a predecessor that holds nothing that what was before the first segment is given
 * up.
 */
export const isRepairedBegin = (header: SegmentHeader | undefined): boolean =>
  header?.predecessor?.endedBy === "repair" &&
  header.predecessor.next === header.predecessor.base;

/**
 * What is wrong between `header` and the segment `previous` before it: a gap, or that one is not as
 * it was when it was left.
 */
export async function linkFault(
  folder: TopicFolder,
  { base, predecessor }: SegmentHeader,
  previous: number | undefined,
): Promise<string | undefined> {
  if (predecessor === undefined || predecessor.base !== previous) {
    const wanted = predecessor?.base ?? "none";
    return `segment ${base} follows upon ${wanted}, found ${previous ?? "none"} before it`;
  }
  if (predecessor.endedBy === "corrupt") return undefined;
  using segment = await openSegment(folder, predecessor.base);
  const footer = await segment.readFooter(predecessor.length);
  const wanted = predecessor.endedBy === "roll" ? predecessor.next : undefined;
  const isShort = await segment.file.size() < predecessor.length;
  if (!isShort && (wanted === undefined || footer?.next === wanted)) return undefined;
  return `segment ${predecessor.base} does not end as it did when it was left`;
}
