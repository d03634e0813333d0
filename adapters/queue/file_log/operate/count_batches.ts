import { batchHeaderBytes, headerAt } from "../format/batch_format.ts";
import type { DiskFile } from "../disk/disk.ts";
import type { Place } from "../segments/segment_scan.ts";
import { viewOf } from "../format/uint64.ts";

const chunkBytes = 1024 * 1024;

/**
 * Counts the records of a segment by its batches' headers, each of which must go on where the one before ended; what is behind
 * the headers is not looked at.
 *
 * @param stopBytes Where the batches must end.
 * @returns How far they are as they must be: less than `stopBytes`, or another offset than wanted, where one is not.
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
