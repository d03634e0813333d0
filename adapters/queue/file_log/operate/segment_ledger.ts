/**
 * What the segments of a topic hold, by their headers, footers and batches, and whether these
 * agree.
 */
import type { LedgerFault } from "../../../../src/ports/event_ledger.ts";
import type { SegmentHeader } from "../format/segment_header.ts";
import { openSegment } from "../segments/segment_file.ts";
import { countBatches, type Place } from "../segments/segment_scan.ts";
import type { DurableEnd } from "../segments/slots.ts";
import type { FoundSegment } from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { survey } from "./verify_log.ts";

/** The records of a segment. */
export interface SegmentLedger {
  readonly base: number;
  /** What the log took while this was its segment, by its neighbours. */
  readonly taken: number;
  /** Runs of offsets that are there, `end` exclusive. */
  readonly held: readonly OffsetRange[];
  readonly fault: LedgerFault | undefined;
}

interface OffsetRange {
  readonly from: number;
  readonly end: number;
}

/** How far the batches of the last segment were counted, so that the next time begins there. */
export interface CountedPlace extends Place {
  readonly base: number;
}

/** @param from Where `last` was counted to before. */
export async function countLast(
  folder: TopicFolder,
  last: FoundSegment & { readonly header: SegmentHeader },
  slot: DurableEnd,
  from: CountedPlace | undefined,
): Promise<SegmentLedger & { readonly counted: CountedPlace }> {
  const { base, file: name, header } = last;
  using segment = await openSegment(folder, base);
  const begin = from?.base === base && from.bytes <= slot.bytes ? from : segment.start;
  const counted = await countBatches(segment.file, begin, slot.bytes);
  const taken = slot.records - header.recordsBefore;
  const missing = taken - (counted.next - base);
  const isWhole = counted.bytes >= slot.bytes && counted.next === slot.next &&
    taken === slot.next - base;
  const fault = isWhole ? undefined : segmentFault(
    missing,
    `${name} should end at byte ${slot.bytes} with offset ${slot.next} and ${taken} records; its batches go to byte ${counted.bytes}, offset ${counted.next}, and hold ${
      counted.next - base
    }`,
  );
  const held = [{ from: base, end: counted.next }];
  return { base, taken, held, fault, counted: { base, ...counted } };
}

/**
 * A segment that was left: its footer vouches for its batches; where it was damaged, these are
 * read.
 */
export async function countLeft(
  folder: TopicFolder,
  segment: FoundSegment & { readonly header: SegmentHeader },
  successor: FoundSegment & { readonly header: SegmentHeader },
  position: number,
): Promise<SegmentLedger> {
  const { base, file: name, header } = segment;
  const taken = successor.header.recordsBefore - header.recordsBefore;
  const { predecessor } = successor.header;
  if (predecessor?.base !== base) {
    const what = `${successor.file} follows upon ${predecessor?.base ?? "nothing"}, found ${name}`;
    return { base, taken, held: [], fault: segmentFault(taken, what) };
  }
  const { next, length, endedBy } = predecessor;
  if (endedBy === "corrupt" || endedBy === "repair") {
    // What a group has passed it has counted.
    if (position >= base + taken) return { base, taken, held: [], fault: undefined };
    const { runs } = await survey(folder, segment, successor, undefined);
    const held = runs.map(({ from, end }) => ({ from: from.next, end: end.next }));
    return { base, taken, held, fault: undefined };
  }
  const held = [{ from: base, end: next }];
  const wanted = `${name} holds ${
    next - base
  } records by its offsets, ${taken} by the header of ${successor.file}`;
  if (taken !== next - base) {
    return { base, taken, held, fault: segmentFault(taken - (next - base), wanted) };
  }
  using opened = await openSegment(folder, base);
  const count = endedBy === "roll"
    ? (await opened.readFooter(length))?.count
    : (await countBatches(opened.file, opened.start, length)).next - base;
  const fault = count === next - base
    ? undefined
    : segmentFault(taken - (count ?? 0), `${wanted}, ${count ?? "none"} by its own count`);
  return { base, taken, held, fault };
}

export const segmentFault = (missing: number, what: string): LedgerFault => ({
  account: "segments",
  missing,
  what,
});
