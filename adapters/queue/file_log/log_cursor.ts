/** Reading a log forward, from segment to segment, never past the durable slot. */
import type { StoredRecord } from "../../../src/ports/event_record.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { batchHeaderBytes, claimedHead, findAt } from "./batch_format.ts";
import { checksumSeed } from "./checksum.ts";
import type { DiskFile } from "./disk.ts";
import { type DurableEnd, readDurableEnd } from "./durable_slot.ts";
import { decodeRecords } from "./record_format.ts";
import { corrupt, readSegmentHeader, segmentBases } from "./segment_chain.ts";
import { segmentHeaderBytes } from "./segment_header.ts";
import { segmentPath } from "./segment_tail.ts";
import { futureVersion, type TopicFolder } from "./topic_folder.ts";
import { viewOf } from "./uint64.ts";

/** Read at once; a larger batch is read whole. */
const chunkBytes = 256 * 1024;

export interface LogCursor {
  /**
   * At most `maxRecords` records from `position` on, perhaps fewer than there are, but none only at the durable end, which is
   * told, too. Positions must not go back.
   */
  read(position: number, maxRecords: number): Promise<CursorRecords>;
  close(): void;
}

export interface CursorRecords {
  readonly records: readonly StoredRecord[];
  readonly end: number;
}

interface OpenSegment {
  readonly file: DiskFile;
  readonly base: number;
  readonly seed: number;
  /** Where the next batch begins. */
  bytes: number;
  /** Its first offset. */
  next: number;
}

/** Where a segment ends, as its successor says. */
interface SegmentLimit {
  readonly bytes: number;
  readonly next: number;
  readonly successor: number;
}

export function createLogCursor(folder: TopicFolder): LogCursor {
  let segment: OpenSegment | undefined;
  /** Known once the segment was left by its writers. */
  let limit: SegmentLimit | undefined;
  /** Bytes of the open segment, `chunk[0]` standing at `chunkAt`. */
  let chunk = new Uint8Array(0);
  let chunkAt = 0;
  /** Decoded and not handed out yet. */
  const records: StoredRecord[] = [];

  async function openSegment(base: number): Promise<OpenSegment> {
    const file = await folder.disk.open(segmentPath(folder, base), "read");
    try {
      if (await readSegmentHeader(folder, file, base) === undefined) {
        throw corrupt(folder, `the header of segment ${base} cannot be read`);
      }
    } catch (error) {
      file.close();
      throw error;
    }
    const seed = checksumSeed(folder.logId, base);
    return { file, base, seed, bytes: segmentHeaderBytes, next: base };
  }

  function enter(opened: OpenSegment): OpenSegment {
    segment?.file.close();
    chunk = new Uint8Array(0);
    limit = undefined;
    segment = opened;
    return opened;
  }

  async function start(position: number, end: DurableEnd): Promise<OpenSegment> {
    const bases = await segmentBases(folder);
    const base = bases.findLast((base) => base <= position);
    if (base === undefined) throw corrupt(folder, `the segment of record ${position} is missing`);
    const opened = enter(await openSegment(base));
    if (position >= end.next && base === end.segment) {
      opened.bytes = end.bytes;
      opened.next = end.next;
    }
    return opened;
  }

  async function limitOf(base: number): Promise<SegmentLimit> {
    const bases = await segmentBases(folder);
    const successor = bases.find((candidate) => candidate > base);
    if (successor === undefined) throw corrupt(folder, `the segment after ${base} is missing`);
    const file = await folder.disk.open(segmentPath(folder, successor), "read");
    try {
      const predecessor = (await readSegmentHeader(folder, file, successor))?.predecessor;
      if (predecessor?.base !== base) {
        throw corrupt(folder, `the segment after ${base} is missing or cannot be read`);
      }
      return { bytes: predecessor.length, next: predecessor.next, successor };
    } finally {
      file.close();
    }
  }

  /** The bytes of the segment from where the next batch begins, so many at least, but none past `limit`. */
  async function load(open: OpenSegment, least: number, limit: number): Promise<Uint8Array> {
    const at = open.bytes - chunkAt;
    if (at >= 0 && chunk.length - at >= least) return chunk.subarray(at);
    const wanted = Math.min(limit - open.bytes, Math.max(least, chunkBytes));
    const bytes = new Uint8Array(wanted);
    const filled = await open.file.read(open.bytes, bytes);
    chunk = bytes.subarray(0, filled);
    chunkAt = open.bytes;
    return chunk;
  }

  /** Decodes the next batch that has something from `position` on; false at the durable end. */
  async function advance(position: number, end: DurableEnd): Promise<boolean> {
    let open = segment ?? await start(position, end);
    while (true) {
      if (open.base !== end.segment) limit ??= await limitOf(open.base);
      const stop = limit?.bytes ?? end.bytes;
      if (open.bytes >= stop) {
        if (limit === undefined) return false;
        if (open.next !== limit.next) throw badAt(open);
        open = enter(await openSegment(limit.successor));
        continue;
      }
      let data = await load(open, Math.min(batchHeaderBytes, stop - open.bytes), stop);
      let found = findAt(data, 0, open.next, open.seed);
      if (found.kind === "more" && open.bytes + found.bytes <= stop) {
        data = await load(open, found.bytes, stop);
        found = findAt(data, 0, open.next, open.seed);
      }
      if (found.kind === "future version") throw futureVersion(segmentPath(folder, open.base));
      if (found.kind !== "batch") throw badAt(open);
      const { head } = found;
      open.bytes += head.bytes;
      open.next += head.count;
      if (open.next <= position) continue;
      const body = data.subarray(batchHeaderBytes, head.bytes);
      decodeRecords(body, head, position, records);
      return true;
    }
  }

  function isNextLoaded(): boolean {
    const at = (segment?.bytes ?? 0) - chunkAt;
    if (at < 0 || chunk.length - at < batchHeaderBytes) return false;
    return claimedHead(viewOf(chunk), at).bytes <= chunk.length - at;
  }

  function badAt(open: OpenSegment): QueueError {
    return corrupt(folder, `segment ${open.base} is bad at byte ${open.bytes}`);
  }

  return {
    async read(position, maxRecords) {
      const end = await readDurableEnd(folder.durable, folder.logId);
      if (end === undefined) return { records: [], end: 0 };
      // Small batches are put together, as far as they cost no further look at the disk.
      while (records.length < maxRecords && (records.length === 0 || isNextLoaded())) {
        if (!await advance(position, end)) break;
      }
      return { records: records.splice(0, maxRecords), end: end.next };
    },
    close() {
      segment?.file.close();
      segment = undefined;
    },
  };
}
