/** The last segment of a log, as recovery finds it, and what is wrong with those before it. */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { corruptJump, type SegmentHeader } from "../format/segment_header.ts";
import { isBeginMissing, linkFault } from "../segments/segment_chain.ts";
import { openSegment, segmentBases, type SegmentFile } from "../segments/segment_file.ts";
import { searchRemains } from "../segments/segment_remains.ts";
import type { DurableEnd } from "../segments/slots.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

const logger = getLogger(["shelfcast", "file_log"]);

export interface LastSegment {
  readonly segment: SegmentFile;
  readonly header: SegmentHeader;
  /** False: the header is what must have stood there, as far as it can be told. */
  readonly isReadable: boolean;
  /** The base of the first segment. */
  readonly first: number;
}

/**
 * Opens the last segment, for writing; undefined where there is none. What is wrong with those
 * before it is reported, and stops nobody but the readers who come to it. One that a crash left
 * before it was a segment is taken away.
 *
 * @param acknowledged The offset up to which records were acknowledged.
 */
export async function openLast(
  folder: TopicFolder,
  acknowledged: number,
  slot: DurableEnd | undefined,
  telemetry: Telemetry,
): Promise<LastSegment | undefined> {
  const bases = await segmentBases(folder);
  let last: LastSegment | undefined;
  for (const [n, base] of bases.entries()) {
    using closing = new DisposableStack();
    if (last !== undefined) closing.use(last.segment);
    const segment = closing.use(await openSegment(folder, base, "write"));
    const header = await segment.readHeader();
    const isLast = n === bases.length - 1;
    if (header === undefined && isLast && await isUnfinished(segment, acknowledged)) {
      segment[Symbol.dispose]();
      await folder.disk.remove(segment.path);
      await folder.disk.syncDirectory(folder.path);
      closing.move();
      return last;
    }
    const fault = header === undefined
      ? `the header of segment ${base} cannot be read`
      : n > 0
      ? await linkFault(folder, header, last?.header.base)
      : isBeginMissing(base, header, slot?.begin) && `the segments before ${base} are missing`;
    if (fault) reportDamage(folder, fault, telemetry);
    closing.move();
    last?.segment[Symbol.dispose]();
    const isReadable = header !== undefined;
    const supposed = header ?? supposedHeader(folder, base, last, slot);
    last = { segment, header: supposed, isReadable, first: last?.first ?? base };
  }
  return last;
}

function supposedHeader(
  { logId }: TopicFolder,
  base: number,
  before: LastSegment | undefined,
  slot: DurableEnd | undefined,
): SegmentHeader {
  const recordsBefore = slot?.segment === base
    ? slot.records - (slot.next - base)
    : (before?.header.recordsBefore ?? 0) + (base - (before?.header.base ?? 0)) % corruptJump;
  return { logId, base, time: before?.header.time ?? 0, recordsBefore, predecessor: undefined };
}

/** The alert: what is damaged is old, so the log goes on, but somebody should look. */
export function reportDamage({ topic }: TopicFolder, fault: string, telemetry: Telemetry): void {
  telemetry.count("shelfcast.file_log.corruptions", { topic });
  logger.error(
    "Topic {topic} is damaged: {fault}. It goes on behind the damage; readers stop there until it is repaired or skip_corrupt is set",
    { topic, fault },
  );
}

/** A crash while it was made: batches come only after its header is durable. */
async function isUnfinished(
  { base, file, start }: SegmentFile,
  acknowledged: number,
): Promise<boolean> {
  if (acknowledged > base) return false;
  const { any } = await searchRemains(file, start, 0);
  return !any;
}
