/**
 * Reading a segment to its end in spite of damage: what is whole in it, and what is bad between.
 */
import type { DiskFile } from "../disk/disk.ts";
import { nextGoodBatch, upTo } from "./segment_remains.ts";
import { type Place, scanSegment } from "./segment_scan.ts";

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
  /**
   * The largest "synced through" of the batches behind a gap: what is missing before was
   * acknowledged.
   */
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
    const remnant = await nextGoodBatch(bounded, from, seed);
    if (remnant?.head === undefined) {
      if (remnant !== undefined || end !== undefined) gaps.push({ from });
      break;
    }
    const place: Place = { bytes: remnant.bytes, next: remnant.head.baseOffset };
    gaps.push({ from, until: place });
    syncedThrough = Math.max(syncedThrough, remnant.head.syncedThrough);
    scan = await scanSegment(bounded, place, seed);
    runs.push({ from: place, end: scan, time: scan.time });
  }
  return { runs, gaps, syncedThrough, isFuture: scan.stoppedBy === "future version" };
}
