/** Reading a segment from a place in it to its end, or to where it goes wrong. */
import type { DiskFile } from "../disk/disk.ts";
import { batchHeaderBytes, findAt, type Footer, headerAt } from "../format/batch_format.ts";
import { viewOf } from "../format/uint64.ts";

const chunkBytes = 1024 * 1024;

/** A place in a segment, between batches. */
export interface Place {
  readonly bytes: number;
  /** The offset that the batch at this place begins with. */
  readonly next: number;
}

export interface ScanEnd extends Place {
  /** Records passed. */
  readonly records: number;
  /** The time of the last batch passed; 0 where there was none. */
  readonly time: number;
  readonly stoppedBy: "nothing" | "footer" | "bad" | "future version";
  readonly footer?: Footer;
}

/**
 * Passes all good batches from `start` on. A batch that is longer than what is left of the file is
 * bad.
 *
 * @param firstBytes How much to read at first: little where there is likely nothing.
 */
export async function scanSegment(
  file: DiskFile,
  start: Place,
  seed: number,
  firstBytes = chunkBytes,
): Promise<ScanEnd> {
  let { bytes, next } = start;
  let [records, time] = [0, 0];
  let wanted = firstBytes;
  while (true) {
    const chunk = new Uint8Array(wanted);
    const filled = await file.read(bytes, chunk);
    const data = chunk.subarray(0, filled);
    let at = 0;
    let found = findAt(data, at, next, seed);
    while (found.kind === "batch") {
      const { head } = found;
      at += head.bytes;
      next += head.count;
      records += head.count;
      time = head.time;
      found = findAt(data, at, next, seed);
    }
    bytes += at;
    if (found.kind !== "more") {
      const footer = found.kind === "footer" ? { footer: found.footer } : {};
      return { bytes, next, records, time, stoppedBy: found.kind, ...footer };
    }
    if (at === 0 && filled < wanted) {
      return { bytes, next, records, time, stoppedBy: "bad" };
    }
    wanted = Math.max(chunkBytes, found.bytes);
  }
}

/**
 * Counts the records of a segment by its batches' headers, each of which must go on where the one
 * before ended; what is behind the headers is not looked at.
 *
 * @param stopBytes Where the batches must end.
 * @returns How far they are as they must be: less than `stopBytes`, or another offset than wanted,
 *   where one is not.
 */
export async function countBatches(
  file: DiskFile,
  from: Place,
  stopBytes: number,
): Promise<Place> {
  const chunk = new Uint8Array(Math.max(0, Math.min(chunkBytes, stopBytes - from.bytes)));
  const view = viewOf(chunk);
  let { bytes, next } = from;
  while (bytes < stopBytes) {
    const filled = await file.read(bytes, chunk);
    let at = 0;
    while (at + batchHeaderBytes <= filled && bytes + at < stopBytes) {
      const header = headerAt(view, at);
      const isNext = header?.baseOffset === next && bytes + at + header.bytes <= stopBytes;
      if (header === undefined || !isNext) return { bytes: bytes + at, next };
      at += header.bytes;
      next += header.count;
    }
    if (at === 0) break;
    bytes += at;
  }
  return { bytes, next };
}
