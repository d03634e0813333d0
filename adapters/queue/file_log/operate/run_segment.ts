/** A segment made of what is whole in another. */
import { findAt, sealBatch } from "../format/batch_format.ts";
import {
  encodeSegmentHeader,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../format/segment_header.ts";
import { openSegment } from "../segments/segment_file.ts";
import type { Run } from "../segments/segment_survey.ts";
import { corrupt } from "../segments/topic_fault.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

/**
 * Makes a segment of batches that stand in another, durably. The header comes last: without it,
 * what is half made is no segment.
 */
export async function writeRun(
  folder: TopicFolder,
  sourceBase: number,
  run: Run,
  header: SegmentHeader,
): Promise<void> {
  {
    using segment = await openSegment(folder, header.base, "create");
    const { file, seed } = segment;
    await file.truncate(0);
    let at = segmentHeaderBytes;
    for await (const batch of batches(folder, sourceBase, run, seed)) {
      await file.write(at, batch);
      at += batch.length;
    }
    await file.sync();
    await file.write(0, encodeSegmentHeader(header));
    await file.sync();
  }
  await folder.disk.syncDirectory(folder.path);
}

/** The batches of a run, with checksums that start from `seed`. */
async function* batches(
  folder: TopicFolder,
  base: number,
  { from, end }: Run,
  seed: number,
): AsyncGenerator<Uint8Array> {
  using segment = await openSegment(folder, base);
  let { bytes: at, next } = from;
  let wanted = 4096;
  while (at < end.bytes) {
    const bytes = new Uint8Array(wanted);
    const filled = await segment.file.read(at, bytes);
    const found = findAt(bytes.subarray(0, filled), 0, next, segment.seed);
    if (found.kind === "more" && found.bytes > wanted) {
      wanted = found.bytes;
      continue;
    }
    if (found.kind !== "batch") {
      throw corrupt(folder, `segment ${base} changed at byte ${at}`);
    }
    const batch = bytes.subarray(0, found.head.bytes);
    sealBatch(batch, found.head, seed);
    yield batch;
    at += found.head.bytes;
    next += found.head.count;
    wanted = 4096;
  }
}
