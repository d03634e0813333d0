/**
 * Finding the end of a log after another process wrote to it, or after a crash. Only under the lock.
 *
 * What is whole behind the durable slot was written by somebody who died before he could say so: it is written again (the
 * same bytes, so that a failed sync's pages are dirty once more), synced and kept. What is not whole is either *torn*, never
 * acknowledged, and cut; or *corrupt*: something tells that it was acknowledged, and then nothing is touched.
 */
import { getLogger } from "@logtape/logtape";
import type { Telemetry } from "../../../src/ports/telemetry.ts";
import { footerBytes } from "./batch_format.ts";
import { checksumSeed } from "./checksum.ts";
import type { DiskFile } from "./disk.ts";
import { type DurableEnd, readDurableEnd, writeDurableEnd } from "./durable_slot.ts";
import { readGroupState } from "./group_slots.ts";
import { checkLink, corrupt, readSegmentHeader, segmentBases } from "./segment_chain.ts";
import { type SegmentHeader, segmentHeaderBytes } from "./segment_header.ts";
import { type ScanEnd, scanSegment, searchRemains } from "./segment_scan.ts";
import {
  createSegment,
  monotonic,
  publishEnd,
  segmentPath,
  type SegmentPlans,
  type SegmentTail,
  succeedSegment,
} from "./segment_tail.ts";
import { futureVersion, groupPaths, secureIdentity, type TopicFolder } from "./topic_folder.ts";

const logger = getLogger(["shelfcast", "file_log"]);
const copyBytes = 1024 * 1024;
/** For a look behind a known end, where most often there is nothing. */
const peekBytes = 4096;

/**
 * The end of the log, ready to be appended to; a log without segments gets its first.
 *
 * @throws {QueueError} `corrupt`, `unsupported`; `DiskError`
 */
export async function recoverTail(
  folder: TopicFolder,
  plans: SegmentPlans,
  telemetry: Telemetry,
): Promise<SegmentTail> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  // Nobody reads or commits what is not durable: each of these was acknowledged.
  const acknowledged = Math.max(slot?.next ?? 0, await furthestCommit(folder));
  const last = await openLast(folder, acknowledged);
  if (last === undefined) return await firstSegment(folder, plans, acknowledged, slot);
  const { file, header } = last;
  try {
    const seed = checksumSeed(folder.logId, header.base);
    const scan = await scanSegment(file, { bytes: segmentHeaderBytes, next: header.base }, seed);
    if (scan.stoppedBy === "future version") throw futureVersion(segmentPath(folder, header.base));
    const tail: SegmentTail = {
      file,
      header,
      seed,
      bytes: scan.bytes,
      next: scan.next,
      records: header.recordsBefore + scan.records,
      time: Math.max(header.time, scan.time, slot?.time ?? 0),
      slotSequence: slot?.sequence ?? 0,
    };
    await cutTorn(folder, tail, scan, acknowledged, slot, telemetry);
    const isEnded = scan.stoppedBy === "footer";
    // A slot in this segment vouches for its header, too.
    const from = slot?.segment === header.base ? slot.bytes : 0;
    await rewrite(
      file,
      from,
      scan.bytes + (isEnded ? footerBytes : 0),
      telemetry,
      folder.topic,
    );
    if (!isEnded && await file.size() < plans.segmentBytes) await file.truncate(plans.segmentBytes);
    await file.sync();
    // Whoever made the segment may have been killed before he did this.
    await folder.disk.syncDirectory(folder.path);
    if (isEnded) return await succeedSegment(folder, tail, plans, "roll", tail.next);
    await publishEnd(folder, tail);
    return tail;
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Brings a known end up to what others have appended since.
 *
 * @returns False where that takes a recovery: they went on in another segment, or died in the middle of a write.
 */
export async function catchUp(
  folder: TopicFolder,
  tail: SegmentTail,
  telemetry: Telemetry,
): Promise<boolean> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  if (slot === undefined || slot.moving || slot.segment !== tail.header.base) return false;
  const scan = await scanSegment(tail.file, tail, tail.seed, peekBytes);
  if (scan.stoppedBy !== "nothing" || scan.next < slot.next) return false;
  const from = Math.max(slot.bytes, tail.bytes);
  const isBehind = scan.bytes > from;
  if (isBehind) {
    await rewrite(tail.file, from, scan.bytes, telemetry, folder.topic);
    await tail.file.sync();
  }
  tail.bytes = scan.bytes;
  tail.next = scan.next;
  tail.records += scan.records;
  tail.time = Math.max(tail.time, scan.time);
  tail.slotSequence = slot.sequence;
  if (isBehind) await publishEnd(folder, tail);
  return true;
}

/** The last segment, once all are found to follow one upon the other. */
async function openLast(folder: TopicFolder, acknowledged: number) {
  const bases = await segmentBases(folder);
  let last: { readonly file: DiskFile; readonly header: SegmentHeader } | undefined;
  for (const [n, base] of bases.entries()) {
    const file = await folder.disk.open(segmentPath(folder, base), "write");
    try {
      const header = await readSegmentHeader(folder, file, base);
      if (header !== undefined) {
        await checkLink(folder, header, last?.header.base);
        last?.file.close();
        last = { file, header };
        continue;
      }
      if (n < bases.length - 1 || !await isUnfinished(file, base, acknowledged)) {
        throw corrupt(folder, `the header of segment ${base} cannot be read`);
      }
      file.close();
      await folder.disk.remove(segmentPath(folder, base));
      await folder.disk.syncDirectory(folder.path);
    } catch (error) {
      file.close();
      last?.file.close();
      throw error;
    }
  }
  return last;
}

/** A crash while it was made: batches come only after its header is durable. */
async function isUnfinished(file: DiskFile, base: number, acknowledged: number): Promise<boolean> {
  if (acknowledged > base) return false;
  const { any } = await searchRemains(file, { bytes: segmentHeaderBytes, next: base }, 0);
  return !any;
}

async function firstSegment(
  folder: TopicFolder,
  plans: SegmentPlans,
  acknowledged: number,
  slot: DurableEnd | undefined,
): Promise<SegmentTail> {
  if (acknowledged > 0) {
    throw corrupt(folder, `all segments are missing, wanted records up to ${acknowledged}`);
  }
  await secureIdentity(folder);
  const { logId } = folder;
  const time = monotonic(0, plans.clock);
  const header = { logId, base: 0, time, recordsBefore: 0, predecessor: undefined };
  const tail = await createSegment(folder, header, plans, slot?.sequence ?? 0);
  await publishEnd(folder, tail);
  return tail;
}

/** Draws the line between torn and corrupt. */
async function cutTorn(
  folder: TopicFolder,
  tail: SegmentTail,
  scan: ScanEnd,
  acknowledged: number,
  slot: DurableEnd | undefined,
  telemetry: Telemetry,
): Promise<void> {
  const { file, header, seed } = tail;
  const remains = scan.stoppedBy === "footer"
    ? { any: false, syncedThrough: 0, end: 0 }
    : await searchRemains(file, scan, seed);
  const through = Math.max(acknowledged, remains.syncedThrough);
  if (scan.next < through) {
    if (slot === undefined || slot.next < through) {
      // So that readers, who stop at the slot, come as far as the damage and report it.
      await writeDurableEnd(folder.durable, folder.logId, {
        sequence: tail.slotSequence + 1,
        segment: header.base,
        bytes: Math.max(remains.end, scan.bytes + 8),
        next: through,
        records: tail.records,
        time: tail.time,
        moving: true,
      });
    }
    throw corrupt(
      folder,
      `segment ${header.base} is bad at byte ${scan.bytes}; records from ${scan.next} to ${through} were acknowledged and cannot be read`,
    );
  }
  if (!remains.any) return;
  await file.truncate(scan.bytes);
  telemetry.count("shelfcast.file_log.torn_batches", { topic: folder.topic });
  logger.warn(
    "Cut a torn batch of topic {topic} at offset {offset}: it was being written when its writer ended",
    { topic: folder.topic, offset: scan.next, segment: header.base, byte: scan.bytes },
  );
}

async function rewrite(
  file: DiskFile,
  from: number,
  end: number,
  telemetry: Telemetry,
  topic: string,
): Promise<void> {
  for (let position = from; position < end; position += copyBytes) {
    const bytes = new Uint8Array(Math.min(copyBytes, end - position));
    await file.read(position, bytes);
    await file.write(position, bytes);
  }
  if (from < end) telemetry.count("shelfcast.file_log.recovered_bytes", { topic }, end - from);
}

async function furthestCommit(folder: TopicFolder): Promise<number> {
  let furthest = 0;
  for (const path of await groupPaths(folder)) {
    const file = await folder.disk.open(path, "read");
    try {
      const state = await readGroupState(file, folder.logId);
      if (typeof state === "object") furthest = Math.max(furthest, state.position);
    } finally {
      file.close();
    }
  }
  return furthest;
}
