/**
 * Where the records of a time begin. Times are those of batches: they never go back, whatever
 * timestamps records bear.
 */
import { DiskError } from "../disk/disk_error.ts";
import { findAt } from "../format/batch_format.ts";
import type { SegmentHeader } from "../format/segment_header.ts";
import { openSegment, segmentBases, type SegmentFile } from "../segments/segment_file.ts";
import type { DurableEnd } from "../segments/slots.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

const chunkBytes = 1024 * 1024;

/**
 * The offset of the first record that was taken at `time` or later, or undefined where there is
 * none before the durable end. Reads the headers of segments from the newest back to the first that
 * was begun earlier, and of that one its batches.
 *
 * Where something cannot be read, the place before it: a reader finds the damage, and nothing is
 * passed in silence.
 */
export async function offsetAtTime(
  folder: TopicFolder,
  end: DurableEnd,
  time: number,
  again = 3,
): Promise<number | undefined> {
  try {
    return await search(folder, end, time);
  } catch (error) {
    // Taken away with age, between a look at the names and its opening.
    const isGone = error instanceof DiskError && error.code === "missing";
    if (!isGone || again === 0) throw error;
    return await offsetAtTime(folder, end, time, again - 1);
  }
}

async function search(
  folder: TopicFolder,
  end: DurableEnd,
  time: number,
): Promise<number | undefined> {
  if (end.time < time) return undefined;
  const bases = (await segmentBases(folder)).filter((base) => base <= end.segment);
  let successor: SegmentHeader | undefined;
  /** Everything from here on was taken later. */
  let later: number | undefined;
  for (const base of bases.toReversed()) {
    using segment = await openSegment(folder, base);
    const header = await segment.readHeader();
    if (header !== undefined && header.time < time) {
      const left = successor?.predecessor;
      const stop = base === end.segment
        ? end.bytes
        : left?.base === base
        ? left.length
        : await segment.file.size();
      return await firstSince(segment, stop, time) ?? later;
    }
    successor = header;
    later = base;
  }
  return later;
}

/** The first offset of the first batch of that time or later. */
async function firstSince(
  { file, seed, start }: SegmentFile,
  stop: number,
  time: number,
): Promise<number | undefined> {
  let { bytes, next } = start;
  let wanted = chunkBytes;
  while (bytes < stop) {
    const chunk = new Uint8Array(Math.min(wanted, stop - bytes));
    const data = chunk.subarray(0, await file.read(bytes, chunk));
    let at = 0;
    let found = findAt(data, at, next, seed);
    while (found.kind === "batch" && found.head.time < time) {
      at += found.head.bytes;
      next += found.head.count;
      found = findAt(data, at, next, seed);
    }
    bytes += at;
    if (bytes >= stop || found.kind === "footer") return undefined;
    if (found.kind !== "more") return next;
    // Longer than what may be read, or than the file: damaged.
    if (at === 0 && (found.bytes > stop - bytes || data.length < chunk.length)) return next;
    wanted = Math.max(chunkBytes, found.bytes);
  }
  return undefined;
}
