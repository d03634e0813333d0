/** Where a repaired log goes on. */
import type { Clock } from "../../../../src/ports/clock.ts";
import { createSegment, monotonic, publishEnd } from "../append/segment_tail.ts";
import {
  corruptJump,
  type SegmentHeader,
  segmentHeaderBytes,
  segmentName,
} from "../format/segment_header.ts";
import type { DurableEnd } from "../segments/slots.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { type End, givenUp, linkTo, type Step } from "./repair_step.ts";
import type { Judgement } from "./verify_log.ts";

/** Makes a segment for new records, behind every offset that was ever given. */
export function goOn(
  folder: TopicFolder,
  { segments, slot, acknowledged }: Judgement,
  before: End,
  clock: Clock,
): Step {
  const base = Math.max(acknowledged, before.next, before.base + 1);
  const header: SegmentHeader = {
    logId: folder.logId,
    base,
    time: monotonic(Math.max(before.time, slot?.time ?? 0), clock),
    recordsBefore: Math.max(slot?.records ?? 0, before.recordsBefore),
    predecessor: linkTo(before),
  };
  return makeSegment(folder, header, slot, segments[0]?.base ?? 0, clock);
}

/**
 * As the next writer would, but so that readers pass. What was acknowledged may be more than
 * anything tells.
 */
export const beginBase = ({ acknowledged }: Judgement): number => acknowledged + corruptJump;

export function beginAnew(folder: TopicFolder, judgement: Judgement, clock: Clock): Step {
  const { slot, acknowledged } = judgement;
  const header: SegmentHeader = {
    logId: folder.logId,
    base: beginBase(judgement),
    time: monotonic(slot?.time ?? 0, clock),
    recordsBefore: slot?.records ?? acknowledged,
    predecessor: givenUp(slot?.segment),
  };
  return makeSegment(folder, header, slot, header.base, clock);
}

function makeSegment(
  folder: TopicFolder,
  header: SegmentHeader,
  slot: DurableEnd | undefined,
  first: number,
  clock: Clock,
): Step {
  const { base } = header;
  return {
    what: `Go on with record ${base} in ${segmentName(base)}`,
    async run() {
      const plans = { segmentBytes: segmentHeaderBytes, clock };
      const begun = { slotSequence: slot?.sequence ?? 0, begin: slot?.begin ?? first };
      const tail = await createSegment(folder, header, plans, begun);
      using _closing = tail.file;
      await publishEnd(folder, tail);
    },
  };
}
