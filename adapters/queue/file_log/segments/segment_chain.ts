/** The segments of a topic as their headers link them. */
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { decodeFooter, footerBytes } from "../format/batch_format.ts";
import { checksumSeed } from "../format/checksum.ts";
import type { DiskFile } from "../disk/disk.ts";
import { sameLog } from "../format/log_identity.ts";
import {
  decodeSegmentHeader,
  segmentBase,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../format/segment_header.ts";
import { segmentPath } from "../append/segment_tail.ts";
import { futureVersion, type TopicFolder } from "./topic_folder.ts";

/** In the order of offsets. */
export async function segmentBases({ disk, path }: TopicFolder): Promise<readonly number[]> {
  const bases = (await disk.list(path)).map(segmentBase);
  return bases.filter((base) => base !== undefined).toSorted((a, b) => a - b);
}

/**
 * @returns Undefined where the header cannot be read: damaged, of another log, or never finished.
 * @throws {QueueError} `unsupported`: the segment is of a later format version.
 */
export async function readSegmentHeader(
  folder: TopicFolder,
  file: DiskFile,
  base: number,
): Promise<SegmentHeader | undefined> {
  const page = new Uint8Array(segmentHeaderBytes);
  const filled = await file.read(0, page);
  const header = decodeSegmentHeader(page.subarray(0, filled));
  if (header === "future version") throw futureVersion(segmentPath(folder, base));
  if (header === "blank" || header === "broken") return undefined;
  return header.base === base && sameLog(header.logId, folder.logId) ? header : undefined;
}

/**
 * Whether segments are missing before the first one, which begins with `base`, that retention did not take away and no
 * repair gave up.
 *
 * @param begin As the durable slot says it, read after the names of the segments: retention moves it first.
 */
export function isBeginMissing(
  base: number,
  header: SegmentHeader | undefined,
  begin: number | undefined,
): boolean {
  return begin !== undefined && base > begin && !isRepairedBegin(header);
}

/** A repair says by a predecessor that holds nothing that what was before the first segment is given up. */
export const isRepairedBegin = (header: SegmentHeader | undefined): boolean =>
  header?.predecessor?.endedBy === "repair" &&
  header.predecessor.next === header.predecessor.base;

/** What is wrong between `header` and the segment `previous` before it: a gap, or that one is not as it was when it was left. */
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
  const file = await folder.disk.open(segmentPath(folder, predecessor.base), "read");
  try {
    const bytes = new Uint8Array(footerBytes);
    await file.read(predecessor.length, bytes);
    const seed = checksumSeed(folder.logId, predecessor.base);
    const wanted = predecessor.endedBy === "roll" ? predecessor.next : undefined;
    const isShort = await file.size() < predecessor.length;
    if (!isShort && (wanted === undefined || decodeFooter(bytes, seed)?.next === wanted)) {
      return undefined;
    }
    return `segment ${predecessor.base} does not end as it did when it was left`;
  } finally {
    file.close();
  }
}

export function corrupt(folder: TopicFolder, what: string): QueueError {
  return new QueueError("corrupt", `Topic "${folder.topic}" is damaged: ${what}`);
}
