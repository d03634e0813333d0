/** Reading a segment to its end in spite of damage: what is whole in it, and what is bad between. */
import { batchHeaderBytes, looksLikeBatch } from "./batch_format.ts";
import type { DiskFile } from "./disk.ts";
import { goodBatchAt, type Place, scanSegment } from "./segment_scan.ts";
import { viewOf } from "./uint64.ts";

const chunkBytes = 1024 * 1024;

/** Batches that follow one upon the other without a gap. */
export interface Run {
  readonly from: Place;
  readonly end: Place;
  /** Of its last batch; 0 where there is none. */
  readonly time: number;
}

/** Bytes that are no batches. */
export interface Gap {
  readonly from: Place;
  /** Where the next good batch begins; absent where there is none. */
  readonly until?: Place;
}

export interface SegmentSurvey {
  /** The first begins where the survey does, and may be empty. */
  readonly runs: readonly [Run, ...Run[]];
  readonly gaps: readonly Gap[];
  /** The largest "synced through" of the batches behind a gap: what is missing before was acknowledged. */
  readonly syncedThrough: number;
  readonly isFuture: boolean;
}

/**
 * @param end Where the batches must end, if that is known; otherwise zeros or a footer end them.
 */
export async function surveySegment(
  file: DiskFile,
  start: Place,
  seed: number,
  end?: Place,
): Promise<SegmentSurvey> {
  const bounded = end === undefined ? file : upTo(file, end.bytes);
  const gaps: Gap[] = [];
  let syncedThrough = 0;
  let scan = await scanSegment(bounded, start, seed);
  const runs: [Run, ...Run[]] = [{ from: start, end: scan, time: scan.time }];
  while (scan.stoppedBy !== "footer" && scan.stoppedBy !== "future version") {
    const from: Place = { bytes: scan.bytes, next: scan.next };
    if (end !== undefined && from.bytes >= end.bytes) break;
    const { any, place } = await searchOn(bounded, from, seed);
    if (place === undefined) {
      if (any || end !== undefined) gaps.push({ from });
      break;
    }
    gaps.push({ from, until: place });
    syncedThrough = Math.max(syncedThrough, place.syncedThrough);
    scan = await scanSegment(bounded, place, seed);
    runs.push({ from: place, end: scan, time: scan.time });
  }
  return { runs, gaps, syncedThrough, isFuture: scan.stoppedBy === "future version" };
}

/** A file that ends where it is said to, so that what was rejected behind that is not looked at. */
function upTo(file: DiskFile, end: number): DiskFile {
  return {
    ...file,
    read: (position, into) =>
      position >= end
        ? Promise.resolve(0)
        : file.read(position, into.subarray(0, Math.min(into.length, end - position))),
    size: async () => Math.min(end, await file.size()),
  };
}

/** @returns `any`: whether there is anything but zeros. */
async function searchOn(
  file: DiskFile,
  from: Place,
  seed: number,
): Promise<{ any: boolean; place?: Place & { readonly syncedThrough: number } }> {
  let any = false;
  const chunk = new Uint8Array(chunkBytes);
  for (let position = from.bytes;; position += chunkBytes) {
    const filled = await file.read(position, chunk);
    if (filled === 0) return { any };
    chunk.fill(0, filled);
    const words = new BigUint64Array(chunk.buffer);
    const view = viewOf(chunk);
    for (let word = 0; word * 8 < filled; word++) {
      if (words[word] === 0n) continue;
      any = true;
      if (filled - word * 8 < batchHeaderBytes && filled < chunkBytes) continue;
      if (!looksLikeBatch(view, word * 8)) continue;
      const bytes = position + word * 8;
      const head = await goodBatchAt(file, bytes, from.next, seed);
      if (head === undefined) continue;
      const { baseOffset: next, syncedThrough } = head;
      return { any, place: { bytes, next, syncedThrough } };
    }
  }
}
