/** Reading a segment from a place in it to its end, or to where it goes wrong. */
import {
  type BatchHead,
  batchHeaderBytes,
  claimedHead,
  findAt,
  type Footer,
  looksLikeBatch,
  maxBatchBytes,
} from "./batch_format.ts";
import type { DiskFile } from "./disk.ts";
import { viewOf } from "./uint64.ts";

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
 * Passes all good batches from `start` on. A batch that is longer than what is left of the file is bad.
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

/** What stands behind the last good batch. */
export interface Remains {
  /** Whether there is anything but zeros. */
  readonly any: boolean;
  /** The largest `syncedThrough` of the good batches in it: what is bad before them was acknowledged up to there. */
  readonly syncedThrough: number;
  /** Where the last good batch in it ends, in bytes and offsets; 0 where there is none. */
  readonly end: number;
  readonly next: number;
}

/** Looks for good batches behind a bad place, at every boundary. */
export async function searchRemains(
  file: DiskFile,
  from: Place,
  seed: number,
): Promise<Remains> {
  let [any, syncedThrough, end, next] = [false, 0, 0, 0];
  const chunk = new Uint8Array(chunkBytes);
  for (let position = from.bytes;; position += chunkBytes) {
    const filled = await file.read(position, chunk);
    if (filled === 0) return { any, syncedThrough, end, next };
    chunk.fill(0, filled);
    // Positions are multiples of 8, so the view is on words.
    const words = new BigUint64Array(chunk.buffer);
    const view = viewOf(chunk);
    for (let word = 0; word * 8 < filled; word++) {
      if (words[word] === 0n) continue;
      any = true;
      const place = position + word * 8;
      if (place < end || !looksLikeBatch(view, word * 8)) continue;
      const head = await goodBatchAt(file, place, from.next, seed);
      if (head === undefined) continue;
      syncedThrough = Math.max(syncedThrough, head.syncedThrough);
      end = place + head.bytes;
      next = head.baseOffset + head.count;
    }
  }
}

/** The first good batch behind a bad place that ends by `stop`. */
export async function nextGoodBatch(
  file: DiskFile,
  bad: Place,
  stop: number,
  seed: number,
): Promise<Place | undefined> {
  const chunk = new Uint8Array(chunkBytes);
  for (let position = bad.bytes + 8; position < stop; position += chunkBytes) {
    const filled = await file.read(position, chunk);
    if (filled === 0) return undefined;
    chunk.fill(0, filled);
    const view = viewOf(chunk);
    for (let at = 0; at < filled; at += 8) {
      if (!looksLikeBatch(view, at)) continue;
      const head = await goodBatchAt(file, position + at, bad.next, seed);
      if (head === undefined || position + at + head.bytes > stop) continue;
      return { bytes: position + at, next: head.baseOffset };
    }
  }
  return undefined;
}

/** The batch at a place, if there is a whole one whose first offset is `least` or later. */
export async function goodBatchAt(
  file: DiskFile,
  place: number,
  least: number,
  seed: number,
): Promise<BatchHead | undefined> {
  const header = new Uint8Array(batchHeaderBytes);
  await file.read(place, header);
  const { bytes, baseOffset } = claimedHead(viewOf(header), 0);
  if (baseOffset < least || bytes < batchHeaderBytes || bytes > maxBatchBytes) return undefined;
  if (place + bytes > await file.size()) return undefined;
  const batch = new Uint8Array(bytes);
  await file.read(place, batch);
  const found = findAt(batch, 0, baseOffset, seed);
  return found.kind === "batch" ? found.head : undefined;
}
