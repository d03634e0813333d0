/** The segment that is appended to: making it, leaving it, and saying how far it is durable. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { DiskFile } from "../disk/disk.ts";
import { encodeFooter } from "../format/batch_format.ts";
import {
  encodeSegmentHeader,
  type EndedBy,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../format/segment_header.ts";
import { openSegment } from "../segments/segment_file.ts";
import { writeDurableEnd } from "../segments/slots.ts";
import { removed } from "../segments/topic_fault.ts";
import { isRemoved, type TopicFolder } from "../segments/topic_folder.ts";

export interface SegmentTail {
  readonly file: DiskFile;
  readonly header: SegmentHeader;
  /** What the checksums of this segment start from. */
  readonly seed: number;
  /** Where the next batch goes. */
  bytes: number;
  /** The offset of the next record. */
  next: number;
  /** Records that the log took, ever. */
  records: number;
  /** The time of the last batch. */
  time: number;
  /** The offset that the log begins with, as the durable slot says it. */
  begin: number;
  /** The sequence of the durable slot that was written or read last. */
  slotSequence: number;
  /** Of its folder, when the segment was seen to have its name; absent before the first look. */
  namesVersion?: number;
}

export interface SegmentPlans {
  /**
   * A segment is made as a sparse file of this length, and left when the next batch does not fit.
   */
  readonly segmentBytes: number;
  readonly clock: Clock;
}

/** Times in the log never go back, whatever the clock does. */
export const monotonic = (time: number, clock: Clock): number =>
  Math.max(time, Math.floor(clock.now()));

/**
 * Makes a segment that is durable, with its name, when this resolves; what is half made is taken
 * away again.
 */
export async function createSegment(
  folder: TopicFolder,
  header: SegmentHeader,
  plans: SegmentPlans,
  { slotSequence, begin }: Pick<SegmentTail, "slotSequence" | "begin">,
): Promise<SegmentTail> {
  if (isRemoved(folder)) throw removed(folder.topic);
  const { file, path, seed } = await openSegment(folder, header.base, "create");
  try {
    await file.truncate(0);
    await file.write(0, encodeSegmentHeader(header));
    await file.truncate(Math.max(plans.segmentBytes, segmentHeaderBytes));
    await file.sync();
    await folder.disk.syncDirectory(folder.path);
    // Then it stands in the folder of another log, which would be damaged by it.
    if (isRemoved(folder)) throw removed(folder.topic);
  } catch (error) {
    file.close();
    await folder.disk.remove(path).catch(() => {});
    throw error;
  }
  return {
    file,
    header,
    seed,
    bytes: segmentHeaderBytes,
    next: header.base,
    records: header.recordsBefore,
    time: header.time,
    begin,
    slotSequence,
  };
}

/**
 * @param moving Before a segment is left without a footer: other writers then look for a newer one.
 */
export async function publishEnd(
  folder: TopicFolder,
  tail: SegmentTail,
  moving = false,
): Promise<void> {
  const sequence = tail.slotSequence + 1;
  await writeDurableEnd(folder.durable, folder.logId, {
    sequence,
    segment: tail.header.base,
    bytes: tail.bytes,
    next: tail.next,
    records: tail.records,
    time: tail.time,
    moving,
    begin: tail.begin,
  });
  tail.slotSequence = sequence;
}

/**
 * Ends a full segment with its footer, which tells other writers to look for a newer one, and goes
 * on in that.
 */
export async function rollSegment(
  folder: TopicFolder,
  tail: SegmentTail,
  plans: SegmentPlans,
): Promise<SegmentTail> {
  const footer = encodeFooter({
    next: tail.next,
    count: tail.records - tail.header.recordsBefore,
    time: tail.time,
    length: tail.bytes,
  }, tail.seed);
  await tail.file.write(tail.bytes, footer);
  await tail.file.truncate(tail.bytes + footer.length);
  await tail.file.sync();
  return await succeedSegment(folder, tail, plans, "roll", tail.next);
}

/**
 * Leaves a segment whose sync has failed, and never appends to it again: the kernel marks pages
 * that it could not write as clean, so that the next sync "succeeds".
 *
 * @param rejected How many records of it were rejected: their offsets are not given again.
 */
export async function abandonSegment(
  folder: TopicFolder,
  tail: SegmentTail,
  plans: SegmentPlans,
  rejected: number,
): Promise<SegmentTail> {
  await publishEnd(folder, tail, true);
  // For readers of the file alone; what counts is the length that the next segment's header says.
  await tail.file.truncate(tail.bytes).catch(() => {});
  return await succeedSegment(folder, tail, plans, "failed sync", tail.next + rejected);
}

/** Makes the segment after `tail`, whose file is closed with that. */
export async function succeedSegment(
  folder: TopicFolder,
  tail: SegmentTail,
  plans: SegmentPlans,
  endedBy: EndedBy,
  base: number,
): Promise<SegmentTail> {
  const { header, next, bytes: length } = tail;
  const successor = await createSegment(
    folder,
    {
      logId: folder.logId,
      base,
      time: monotonic(tail.time, plans.clock),
      recordsBefore: tail.records,
      predecessor: { base: header.base, next, length, endedBy },
    },
    plans,
    tail,
  );
  await publishEnd(folder, successor);
  tail.file.close();
  return successor;
}
