/** What stands in a segment behind a place where it goes wrong. */
import type { DiskFile } from "../disk/disk.ts";
import {
  type BatchHead,
  batchHeaderBytes,
  claimedHead,
  findAt,
  looksLikeBatch,
  maxBatchBytes,
} from "../format/batch_format.ts";
import { viewOf } from "../format/uint64.ts";
import type { Place } from "./segment_scan.ts";

const chunkBytes = 1024 * 1024;

/** Something that is not zero, or a whole batch. */
export interface Remnant {
  readonly bytes: number;
  /** Absent where it is no whole batch. */
  readonly head?: BatchHead;
}

/**
 * Looks at every boundary from `from` on: gives the first place that is not zero, and then each
 * good batch whose first offset is that of `from` or later.
 */
async function* remnants(
  file: DiskFile,
  from: Place,
  seed: number,
): AsyncGenerator<Remnant> {
  let isBlank = true;
  let end = 0;
  const chunk = new Uint8Array(chunkBytes);
  for (let position = from.bytes;; position += chunkBytes) {
    const filled = await file.read(position, chunk);
    if (filled === 0) return;
    chunk.fill(0, filled);
    // Positions are multiples of 8, so the view is on words.
    const words = new BigUint64Array(chunk.buffer);
    const view = viewOf(chunk);
    for (let word = 0; word * 8 < filled; word++) {
      if (words[word] === 0n) continue;
      const bytes = position + word * 8;
      if (isBlank) yield { bytes };
      isBlank = false;
      if (bytes < end || !looksLikeBatch(view, word * 8)) continue;
      const head = await goodBatchAt(file, bytes, from.next, seed);
      if (head === undefined) continue;
      end = bytes + head.bytes;
      yield { bytes, head };
    }
  }
}

/** What stands behind the last good batch. */
export interface Remains {
  /** Whether there is anything but zeros. */
  readonly any: boolean;
  /**
   * The largest `syncedThrough` of the good batches in it: what is bad before them was acknowledged
   * up to there.
   */
  readonly syncedThrough: number;
  /** Where the last good batch in it ends, in bytes and offsets; 0 where there is none. */
  readonly end: number;
  readonly next: number;
}

export async function searchRemains(file: DiskFile, from: Place, seed: number): Promise<Remains> {
  let [any, syncedThrough, end, next] = [false, 0, 0, 0];
  for await (const { bytes, head } of remnants(file, from, seed)) {
    any = true;
    if (head === undefined) continue;
    syncedThrough = Math.max(syncedThrough, head.syncedThrough);
    end = bytes + head.bytes;
    next = head.baseOffset + head.count;
  }
  return { any, syncedThrough, end, next };
}

/**
 * The first good batch from `from` on, or else the first place that is not zero, if there is one.
 */
export async function nextGoodBatch(
  file: DiskFile,
  from: Place,
  seed: number,
): Promise<Remnant | undefined> {
  let remnant: Remnant | undefined;
  for await (remnant of remnants(file, from, seed)) if (remnant.head !== undefined) break;
  return remnant;
}

/** A file that ends where it is said to, so that what was rejected behind that is not looked at. */
export function upTo(file: DiskFile, end: number): DiskFile {
  return {
    ...file,
    read: (position, into) =>
      position >= end
        ? Promise.resolve(0)
        : file.read(position, into.subarray(0, Math.min(into.length, end - position))),
    size: async () => Math.min(end, await file.size()),
  };
}

/** The batch at a place, if there is a whole one whose first offset is `least` or later. */
async function goodBatchAt(
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
