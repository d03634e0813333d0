/** Reading a log forward, from segment to segment, never past the durable slot. */
import type { StoredRecord } from "../../../../src/ports/event_record.ts";
import type { QueueError } from "../../../../src/ports/queue_error.ts";
import { DiskError } from "../disk/disk_error.ts";
import { batchHeaderBytes, claimedHead, findAt } from "../format/batch_format.ts";
import { decodeRecords } from "../format/record_format.ts";
import { corruptJump, type SegmentHeader } from "../format/segment_header.ts";
import { viewOf } from "../format/uint64.ts";
import { takenAway } from "../segments/record_counts.ts";
import { openSegment, segmentBases, type SegmentFile } from "../segments/segment_file.ts";
import { nextGoodBatch, upTo } from "../segments/segment_remains.ts";
import { type DurableEnd, readDurableEnd } from "../segments/slots.ts";
import { corrupt, futureVersion } from "../segments/topic_fault.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { limitOf, type Loss, type SegmentLimit, whyMissing } from "./segment_limit.ts";

/**
 * Read at once; a larger batch is read whole. Each read is a hand-over to another thread and back,
 * and behind each the durable end is read again.
 */
const chunkBytes = 1024 * 1024;

export interface LogCursor {
  /**
   * At most `maxRecords` records from `position` on, perhaps fewer than there are, but none only at
   * the durable end, which is told, too. Positions must not go back.
   */
  read(position: number, maxRecords: number): Promise<CursorRecords>;
  close(): void;
}

export interface CursorRecords {
  readonly records: readonly StoredRecord[];
  readonly end: number;
}

export interface CursorPlans {
  /** Goes on behind what is corrupt, at the next record that is whole. */
  readonly skipCorrupt: boolean;
  /** Told before the first record behind it is handed out. */
  readonly onLoss: (loss: Loss) => void;
  /** How many records the log took before the position of the first read, where that is known. */
  readonly counted: () => number | undefined;
}

/** A segment that is read. */
interface Reading {
  readonly segment: SegmentFile;
  /** Undefined where it cannot be read. */
  readonly header: SegmentHeader | undefined;
  /** Where the next batch begins. */
  bytes: number;
  /** Its first offset. */
  next: number;
}

export function createLogCursor(
  folder: TopicFolder,
  { skipCorrupt, onLoss, counted }: CursorPlans,
): LogCursor {
  let reading: Reading | undefined;
  /** Known once the segment was left by its writers. */
  let limit: SegmentLimit | undefined;
  /** Bytes of the open segment, `chunk[0]` standing at `chunkAt`. */
  let chunk = new Uint8Array(0);
  let chunkAt = 0;
  /** Decoded and not handed out yet. */
  const records: StoredRecord[] = [];

  async function open(base: number): Promise<Reading> {
    using closing = new DisposableStack();
    const segment = closing.use(await openSegment(folder, base));
    const header = await segment.readHeader();
    if (header === undefined && !skipCorrupt) {
      throw corrupt(folder, `the header of segment ${base} cannot be read`);
    }
    closing.move();
    return { segment, header, ...segment.start };
  }

  function enter(opened: Reading): Reading {
    reading?.segment[Symbol.dispose]();
    chunk = new Uint8Array(0);
    limit = undefined;
    reading = opened;
    return opened;
  }

  async function start(position: number, end: DurableEnd): Promise<Reading> {
    const bases = await segmentBases(folder);
    const [first] = bases;
    if (first === undefined) throw corrupt(folder, "all segments are missing");
    const base = bases.findLast((base) => base <= position) ?? first;
    const opened = await open(base);
    if (position < first) {
      const reason = await whyMissing(folder, base, opened.header);
      if (!mayPass(reason)) {
        opened.segment[Symbol.dispose]();
        throw corrupt(folder, `the segments before ${first} are missing`);
      }
      const begin = { base: first, recordsBefore: opened.header?.recordsBefore };
      onLoss({ reason, records: takenAway(begin, position, counted()), to: first });
    }
    enter(opened);
    if (position >= end.next && base === end.segment) {
      opened.bytes = end.bytes;
      opened.next = end.next;
    }
    return opened;
  }

  /** Goes on behind a place where nothing that is whole begins. */
  async function passDamage(bad: Reading, position: number, stop: number): Promise<Reading> {
    const { file, seed, base } = bad.segment;
    const behind = { bytes: bad.bytes + 8, next: bad.next };
    const found = await nextGoodBatch(upTo(file, stop), behind, seed);
    if (found?.head !== undefined) {
      const { baseOffset } = found.head;
      lose(bad, baseOffset - bad.next, position, baseOffset);
      bad.bytes = found.bytes;
      bad.next = baseOffset;
      return bad;
    }
    // The writer will find it, too, and go on in another segment.
    if (limit === undefined) throw badAt(bad);
    using closing = new DisposableStack();
    const successor = await open(limit.successor);
    closing.use(successor.segment);
    const [before, after] = [bad.header?.recordsBefore, successor.header?.recordsBefore];
    const lost = before === undefined || after === undefined
      ? (limit.successor - bad.next) % corruptJump
      : after - (before + bad.next - base);
    lose(bad, lost, position, limit.successor);
    closing.move();
    return enter(successor);
  }

  /** What retention took is nobody's damage, whoever had not read it. */
  const mayPass = (reason: Loss["reason"]): boolean => skipCorrupt || reason !== "corrupt";

  /** What is before `position` was read while it was whole. */
  function lose(bad: Reading, lost: number, position: number, to: number): void {
    const records = lost - Math.max(0, position - bad.next);
    if (records <= 0) return;
    const reason = limit?.reason ?? "corrupt";
    if (!mayPass(reason)) throw badAt(bad);
    onLoss({ reason, records, to });
  }

  /**
   * The bytes of the segment from where the next batch begins, so many at least, but none past
   * `limit`.
   */
  async function load(from: Reading, least: number, limit: number): Promise<Uint8Array> {
    const at = from.bytes - chunkAt;
    if (at >= 0 && chunk.length - at >= least) return chunk.subarray(at);
    const wanted = Math.min(limit - from.bytes, Math.max(least, chunkBytes));
    const bytes = new Uint8Array(wanted);
    const filled = await from.segment.file.read(from.bytes, bytes);
    chunk = bytes.subarray(0, filled);
    chunkAt = from.bytes;
    return chunk;
  }

  /** Decodes the next batch that has something from `position` on; false at the durable end. */
  async function advance(position: number, end: DurableEnd): Promise<boolean> {
    let at = reading ?? await start(position, end);
    while (true) {
      const { base, path, seed } = at.segment;
      if (base !== end.segment) limit ??= await limitOf(folder, at.segment, skipCorrupt);
      const stop = limit?.bytes ?? end.bytes;
      if (at.bytes >= stop) {
        if (limit === undefined) return false;
        at = at.next === limit.next
          ? enter(await open(limit.successor))
          : await passDamage(at, position, stop);
        continue;
      }
      let data = await load(at, Math.min(batchHeaderBytes, stop - at.bytes), stop);
      let found = findAt(data, 0, at.next, seed);
      if (found.kind === "more" && at.bytes + found.bytes <= stop) {
        data = await load(at, found.bytes, stop);
        found = findAt(data, 0, at.next, seed);
      }
      if (found.kind === "future version") throw futureVersion(path);
      if (found.kind !== "batch") {
        at = await passDamage(at, position, stop);
        continue;
      }
      const { head } = found;
      at.bytes += head.bytes;
      at.next += head.count;
      if (at.next <= position) continue;
      const body = data.subarray(batchHeaderBytes, head.bytes);
      decodeRecords(body, head, position, records);
      return true;
    }
  }

  /** A segment may be taken away between a look at the names and its opening. */
  async function advanceOver(position: number, end: DurableEnd, again = 3): Promise<boolean> {
    try {
      return await advance(position, end);
    } catch (error) {
      if (again === 0 || !(error instanceof DiskError && error.code === "missing")) throw error;
      limit = undefined;
      return await advanceOver(position, end, again - 1);
    }
  }

  function isNextLoaded(): boolean {
    const at = (reading?.bytes ?? 0) - chunkAt;
    if (at < 0 || chunk.length - at < batchHeaderBytes) return false;
    return claimedHead(viewOf(chunk), at).bytes <= chunk.length - at;
  }

  function badAt({ segment, bytes }: Reading): QueueError {
    return corrupt(folder, `segment ${segment.base} is bad at byte ${bytes}`);
  }

  return {
    async read(position, maxRecords) {
      const end = await readDurableEnd(folder.durable, folder.logId);
      if (end === undefined) return { records: [], end: 0 };
      // Small batches are put together, as far as they cost no further look at the disk.
      while (records.length < maxRecords && (records.length === 0 || isNextLoaded())) {
        if (!await advanceOver(position, end)) break;
      }
      return { records: records.splice(0, maxRecords), end: end.next };
    },
    close() {
      reading?.segment[Symbol.dispose]();
      reading = undefined;
    },
  };
}
