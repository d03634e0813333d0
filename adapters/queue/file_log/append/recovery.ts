/**
 * Finding the end of a log after another process wrote to it, or after a crash. Only under the
 * lock.
 *
 * What is whole behind the durable slot was written by a writer that died before it could say so:
 * it is written again (the same bytes, so that a failed sync's pages are dirty once more), synced
 * and kept. What is not whole is either *torn*, never acknowledged, and cut; or *corrupt*:
 * something tells that it was acknowledged. Then nothing of it is touched, and the log goes on in a
 * new segment, because new events must not wait for old ones to be repaired.
 */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import type { DiskFile } from "../disk/disk.ts";
import { isPartlyUnreadable } from "../disk/patient_disk.ts";
import { footerBytes } from "../format/batch_format.ts";
import { corruptJump, type SegmentHeader, segmentHeaderBytes } from "../format/segment_header.ts";
import { type Remains, searchRemains } from "../segments/segment_remains.ts";
import { scanSegment } from "../segments/segment_scan.ts";
import { type DurableEnd, readDurableEnd, writeDurableEnd } from "../segments/slots.ts";
import { groupStateAt, peekBytes } from "../segments/topic_contents.ts";
import { futureVersion } from "../segments/topic_fault.ts";
import { groupPaths, type TopicFolder } from "../segments/topic_folder.ts";
import { secureIdentity } from "../segments/topic_identity.ts";
import { openLast, reportDamage } from "./last_segment.ts";
import {
  createSegment,
  monotonic,
  publishEnd,
  type SegmentPlans,
  type SegmentTail,
  succeedSegment,
} from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);
const copyBytes = 1024 * 1024;
const nothing: Remains = { any: false, syncedThrough: 0, end: 0, next: 0 };

/**
 * The end of the log, ready to be appended to; a log without segments gets its first.
 *
 * @throws {QueueError} `unsupported`; `DiskError`
 */
export async function recoverTail(
  folder: TopicFolder,
  plans: SegmentPlans,
  telemetry: Telemetry,
): Promise<SegmentTail> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  // Nobody reads or commits what is not durable: each of these was acknowledged.
  const acknowledged = Math.max(slot?.next ?? 0, await furthestCommit(folder));
  const last = await openLast(folder, acknowledged, slot, telemetry);
  if (last === undefined) return await firstSegment(folder, plans, acknowledged, slot, telemetry);
  const { segment, header, isReadable, first } = last;
  const { file, seed } = segment;
  // Closed by whatever ends this before its last line; a segment that is left is closed by then.
  using closing = new DisposableStack();
  closing.use(segment);
  const scan = await scanSegment(file, segment.start, seed);
  if (scan.stoppedBy === "future version") throw futureVersion(segment.path);
  const isEnded = scan.stoppedBy === "footer";
  const tail: SegmentTail = {
    file,
    header,
    seed,
    bytes: scan.bytes,
    next: scan.next,
    records: header.recordsBefore + scan.records,
    time: Math.max(header.time, scan.time, slot?.time ?? 0),
    begin: slot?.begin ?? first,
    slotSequence: slot?.sequence ?? 0,
  };
  const remains = isEnded ? nothing : await searchRemains(file, scan, seed);
  // What cannot be read now may be whole, and accepted: it is not cut, and readers stop there.
  const isUnreadable = remains.any && isPartlyUnreadable(file);
  const told = Math.max(acknowledged, remains.syncedThrough);
  const through = isUnreadable ? Math.max(told, scan.next + 1) : told;
  if (!isReadable || scan.next < through) {
    await file.sync();
    return await sealSegment(folder, tail, { through, remains, slot }, plans, telemetry);
  }
  if (remains.any) await cutTorn(folder, tail, telemetry);
  // A slot in this segment vouches for its header, too.
  const from = slot?.segment === header.base ? slot.bytes : 0;
  await rewrite(file, from, scan.bytes + (isEnded ? footerBytes : 0), telemetry, folder.topic);
  if (!isEnded && await file.size() < plans.segmentBytes) await file.truncate(plans.segmentBytes);
  await file.sync();
  // Whoever made the segment may have been killed before it did this.
  await folder.disk.syncDirectory(folder.path);
  if (isEnded) return await succeedSegment(folder, tail, plans, "roll", tail.next);
  await publishEnd(folder, tail);
  closing.move();
  return tail;
}

/**
 * Brings a known end up to what others have appended since.
 *
 * @returns False where that takes a recovery: they went on in another segment, or died in the
 *   middle of a write.
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
  tail.begin = slot.begin ?? tail.begin;
  if (isBehind) await publishEnd(folder, tail);
  return true;
}

async function firstSegment(
  folder: TopicFolder,
  plans: SegmentPlans,
  acknowledged: number,
  slot: DurableEnd | undefined,
  telemetry: Telemetry,
): Promise<SegmentTail> {
  await secureIdentity(folder);
  const { logId } = folder;
  const time = monotonic(slot?.time ?? 0, plans.clock);
  const isLost = acknowledged > 0;
  if (isLost) {
    reportDamage(folder, `all segments are missing, up to record ${acknowledged}`, telemetry);
  }
  const lost = slot?.segment ?? 0;
  const header: SegmentHeader = {
    logId,
    base: isLost ? acknowledged + corruptJump : 0,
    time,
    recordsBefore: isLost ? slot?.records ?? acknowledged : 0,
    predecessor: isLost
      ? { base: lost, next: lost, length: segmentHeaderBytes, endedBy: "corrupt" }
      : undefined,
  };
  const begun = { slotSequence: slot?.sequence ?? 0, begin: slot?.begin ?? 0 };
  const tail = await createSegment(folder, header, plans, begun);
  await publishEnd(folder, tail);
  return tail;
}

interface Damage {
  /** Up to which offset records were acknowledged. */
  readonly through: number;
  readonly remains: Remains;
  readonly slot: DurableEnd | undefined;
}

/**
 * Leaves a segment whose records cannot all be read, where the first of those stands, and goes on
 * in a new one.
 */
async function sealSegment(
  folder: TopicFolder,
  tail: SegmentTail,
  { through, remains, slot }: Damage,
  plans: SegmentPlans,
  telemetry: Telemetry,
): Promise<SegmentTail> {
  const { base } = tail.header;
  const next = Math.max(through, tail.next, remains.next);
  reportDamage(
    folder,
    `segment ${base} is bad at byte ${tail.bytes}, wanted records ${tail.next} to ${next} from there on`,
    telemetry,
  );
  const records = Math.max(
    slot?.records ?? 0,
    tail.records + (next - tail.next) % corruptJump,
  );
  // So that others leave the segment, too, and that nobody takes the damage for a torn batch if
  // this ends half-way.
  const sequence = tail.slotSequence + 1;
  const isHere = slot?.segment === base;
  await writeDurableEnd(folder.durable, folder.logId, {
    sequence,
    segment: base,
    bytes: Math.max(remains.end, tail.bytes + 8, isHere ? slot.bytes : 0),
    next,
    records,
    time: tail.time,
    moving: true,
    begin: tail.begin,
  });
  const sealed = { ...tail, records, slotSequence: sequence };
  return await succeedSegment(folder, sealed, plans, "corrupt", next + corruptJump);
}

async function cutTorn(
  { topic }: TopicFolder,
  { file, header, bytes, next }: SegmentTail,
  telemetry: Telemetry,
): Promise<void> {
  await file.truncate(bytes);
  telemetry.count("shelfcast.file_log.torn_batches", { topic });
  logger.warn(
    "Cut a torn batch of topic {topic} at offset {offset}: it was being written when its writer ended",
    { topic, offset: next, segment: header.base, byte: bytes },
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
    const state = await groupStateAt(folder, path);
    if (typeof state === "object") furthest = Math.max(furthest, state.position);
  }
  return furthest;
}
