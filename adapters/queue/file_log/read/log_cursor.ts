/** Reading a log forward, from segment to segment, never past the durable slot. */
import type { StoredRecord } from "../../../../src/ports/event_record.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { batchHeaderBytes, claimedHead, findAt } from "../format/batch_format.ts";
import { checksumSeed } from "../format/checksum.ts";
import { DiskError, type DiskFile } from "../disk/disk.ts";
import { type DurableEnd, readDurableEnd } from "../segments/durable_slot.ts";
import { decodeRecords } from "../format/record_format.ts";
import {
  corrupt,
  isBeginMissing,
  isRepairedBegin,
  readSegmentHeader,
  segmentBases,
} from "../segments/segment_chain.ts";
import { type SegmentHeader, segmentHeaderBytes } from "../format/segment_header.ts";
import { nextGoodBatch } from "../segments/segment_remains.ts";
import { corruptJump, segmentPath } from "../append/segment_tail.ts";
import { takenAway } from "../segments/taken_away.ts";
import { futureVersion, type TopicFolder } from "../segments/topic_folder.ts";
import { viewOf } from "../format/uint64.ts";

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

export interface CursorPlans {
  /** Goes on behind what is corrupt, at the next record that is whole. */
  readonly skipCorrupt: boolean;
  /** Goes on where the log begins, when what it has not read was taken away with age. */
  readonly mayFallBehind: boolean;
  /** Told before the first record behind it is handed out. */
  readonly onLoss: (loss: Loss) => void;
  /** How many records the log took before the position of the first read, where that is known. */
  readonly counted: () => number | undefined;
}

/** Records that were acknowledged and cannot be read: damaged, given up by a repair, or taken away before. */
export interface Loss {
  readonly reason: "corrupt" | "repair" | "retention";
  readonly records: number;
  /** Where it ends: the offset of the next record that is whole, or of a segment. */
  readonly to: number;
}

interface OpenSegment {
  readonly file: DiskFile;
  readonly base: number;
  readonly seed: number;
  /** Undefined where it cannot be read. */
  readonly header: SegmentHeader | undefined;
  /** Where the next batch begins. */
  bytes: number;
  /** Its first offset. */
  next: number;
}

/** Where a segment ends. */
interface SegmentLimit {
  readonly bytes: number;
  /** The end that its successor knows; undefined where something between the two is lost. */
  readonly next: number | undefined;
  readonly successor: number;
  /** Why it could not be read to the end that its successor knows. */
  readonly reason: Loss["reason"];
}

export function createLogCursor(
  folder: TopicFolder,
  { skipCorrupt, mayFallBehind, onLoss, counted }: CursorPlans,
): LogCursor {
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
      const header = await readSegmentHeader(folder, file, base);
      if (header === undefined && !skipCorrupt) {
        throw corrupt(folder, `the header of segment ${base} cannot be read`);
      }
      const seed = checksumSeed(folder.logId, base);
      return { file, base, seed, header, bytes: segmentHeaderBytes, next: base };
    } catch (error) {
      file.close();
      throw error;
    }
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
    const [first] = bases;
    if (first === undefined) throw corrupt(folder, "all segments are missing");
    const base = bases.findLast((base) => base <= position) ?? first;
    const opened = await openSegment(base);
    if (position < first) {
      const reason = await whyMissing(opened);
      if (!mayPass(reason)) {
        opened.file.close();
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

  /** Why there is nothing before the first segment. */
  async function whyMissing({ base, header }: OpenSegment): Promise<Loss["reason"]> {
    if (isRepairedBegin(header)) return "repair";
    const end = await readDurableEnd(folder.durable, folder.logId);
    if (isBeginMissing(base, header, end?.begin)) return "corrupt";
    return mayFallBehind ? "retention" : "corrupt";
  }

  async function limitOf({ file: own, base }: OpenSegment): Promise<SegmentLimit> {
    const bases = await segmentBases(folder);
    const successor = bases.find((candidate) => candidate > base);
    if (successor === undefined) throw corrupt(folder, `the segment after ${base} is missing`);
    const file = await folder.disk.open(segmentPath(folder, successor), "read");
    try {
      const predecessor = (await readSegmentHeader(folder, file, successor))?.predecessor;
      if (predecessor?.base !== base) {
        // Perhaps taken away while it was read here, and the next ones, too.
        const begin = (await readDurableEnd(folder.durable, folder.logId))?.begin ?? successor;
        const reason = bases.includes(base) || begin <= base ? "corrupt" : "retention";
        return { bytes: await own.size(), next: undefined, successor, reason };
      }
      const { length, next, endedBy } = predecessor;
      if (endedBy === "repair") {
        return { bytes: length, next: undefined, successor, reason: "repair" };
      }
      const reason = "corrupt";
      if (endedBy !== "corrupt") return { bytes: length, next, successor, reason };
      // Behind the bad place there may be more that is whole.
      return { bytes: skipCorrupt ? await own.size() : length, next: undefined, successor, reason };
    } finally {
      file.close();
    }
  }

  /** Goes on behind a place where nothing that is whole begins. */
  async function passDamage(open: OpenSegment, position: number, stop: number) {
    const found = await nextGoodBatch(open.file, open, stop, open.seed);
    if (found !== undefined) {
      lose(open, found.next - open.next, position, found.next);
      open.bytes = found.bytes;
      open.next = found.next;
      return open;
    }
    // The writer will find it, too, and go on in another segment.
    if (limit === undefined) throw badAt(open);
    const successor = await openSegment(limit.successor);
    const [before, after] = [open.header?.recordsBefore, successor.header?.recordsBefore];
    const lost = before === undefined || after === undefined
      ? (successor.base - open.next) % corruptJump
      : after - (before + open.next - open.base);
    try {
      lose(open, lost, position, successor.base);
    } catch (error) {
      successor.file.close();
      throw error;
    }
    return enter(successor);
  }

  const mayPass = (reason: Loss["reason"]): boolean =>
    skipCorrupt || reason === "repair" || (reason === "retention" && mayFallBehind);

  /** What is before `position` was read while it was whole. */
  function lose(open: OpenSegment, lost: number, position: number, to: number): void {
    const records = lost - Math.max(0, position - open.next);
    if (records <= 0) return;
    const reason = limit?.reason ?? "corrupt";
    if (!mayPass(reason)) throw badAt(open);
    onLoss({ reason, records, to });
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
      if (open.base !== end.segment) limit ??= await limitOf(open);
      const stop = limit?.bytes ?? end.bytes;
      if (open.bytes >= stop) {
        if (limit === undefined) return false;
        open = open.next === limit.next
          ? enter(await openSegment(limit.successor))
          : await passDamage(open, position, stop);
        continue;
      }
      let data = await load(open, Math.min(batchHeaderBytes, stop - open.bytes), stop);
      let found = findAt(data, 0, open.next, open.seed);
      if (found.kind === "more" && open.bytes + found.bytes <= stop) {
        data = await load(open, found.bytes, stop);
        found = findAt(data, 0, open.next, open.seed);
      }
      if (found.kind === "future version") throw futureVersion(segmentPath(folder, open.base));
      if (found.kind !== "batch") {
        open = await passDamage(open, position, stop);
        continue;
      }
      const { head } = found;
      open.bytes += head.bytes;
      open.next += head.count;
      if (open.next <= position) continue;
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
        if (!await advanceOver(position, end)) break;
      }
      return { records: records.splice(0, maxRecords), end: end.next };
    },
    close() {
      segment?.file.close();
      segment = undefined;
    },
  };
}
