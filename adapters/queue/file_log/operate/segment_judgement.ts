/** What is wrong with a segment, by what is whole in it and what its neighbours say. */
import type { FindingKind, LogFinding } from "../../../../src/ports/log_tools.ts";
import { corruptJump } from "../format/segment_header.ts";
import { isBeginMissing } from "../segments/segment_chain.ts";
import { openSegment } from "../segments/segment_file.ts";
import type { Gap, SegmentSurvey } from "../segments/segment_survey.ts";
import type { DurableEnd } from "../segments/slots.ts";
import { type FoundGroup, type FoundSegment, knownEnd } from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  readonly byte: number;
  readonly offset: number;
  /** The offset after the last record that is concerned. */
  readonly until: number;
  readonly what: string;
}

export interface Surroundings {
  readonly before: (FoundSegment & { readonly survey: SegmentSurvey }) | undefined;
  readonly successor: FoundSegment | undefined;
  readonly slot: DurableEnd | undefined;
  readonly acknowledged: number;
  /** As the durable slot says it; undefined where that is not known, or nobody asks. */
  readonly begin: number | undefined;
}

export async function judgeSegment(
  folder: TopicFolder,
  segment: FoundSegment,
  survey: SegmentSurvey,
  around: Surroundings,
): Promise<Finding[]> {
  const { successor } = around;
  const { file } = segment;
  const end = survey.runs.at(-1)?.end ?? survey.runs[0].end;
  const through = acknowledgedOf(segment, end.next, around);
  const findings = [
    ...linkFindings(segment, around),
    ...headerFindings(segment, through, successor === undefined),
  ];
  for (const gap of survey.gaps) findings.push(gapFinding(file, gap, through, successor));
  const isOpenEnded = survey.gaps.at(-1)?.until === undefined && survey.gaps.length > 0;
  if (!isOpenEnded && end.next < through) {
    const what = "it ends before the last record that was acknowledged";
    const { bytes: byte, next: offset } = end;
    findings.push({ kind: "corrupt", file, byte, offset, until: through, what });
  }
  if (findings.length > 0) return findings;
  const named = successor?.header?.predecessor;
  const left = named?.base === segment.base ? named : undefined;
  if (left?.endedBy === "corrupt") {
    const what = "it was sealed as damaged, but is whole";
    const { bytes: byte, next: offset } = end;
    return [{ kind: "corrupt", file, byte, offset, until: offset, what }];
  }
  if (left?.endedBy === "roll" && !await hasFooter(folder, segment, left.length, left.next)) {
    const what = "its footer cannot be read";
    return [{
      kind: "corrupt",
      file,
      byte: left.length,
      offset: left.next,
      until: left.next,
      what,
    }];
  }
  const durable = knownEnd(segment, successor, around.slot) ?? survey.runs[0].from;
  if (successor !== undefined || end.next <= durable.next) return [];
  const what = "whole batches stand behind the durable end, for the next writer to keep";
  const { bytes: byte, next: offset } = durable;
  return [{ kind: "unsettled", file, byte, offset, until: end.next, what }];
}

/** The offset up to which the records of a segment were acknowledged. */
function acknowledgedOf(
  segment: FoundSegment,
  end: number,
  { successor, acknowledged }: Surroundings,
): number {
  if (successor === undefined) return Math.max(acknowledged, segment.base);
  const left = successor.header?.predecessor;
  if (left?.base !== segment.base) return end;
  return left.endedBy === "corrupt" ? Math.max(left.next, successor.base - corruptJump) : left.next;
}

function linkFindings(
  { base, file, header }: FoundSegment,
  { before, begin }: Surroundings,
): Finding[] {
  const left = header?.predecessor;
  const place = { kind: "corrupt", file, byte: 0, until: base } as const;
  if (before === undefined) {
    // What retention takes away it notes; and this one may say that there was nothing to read
    // before it.
    const what = "all segments before it are missing";
    if (isBeginMissing(base, header, begin)) return [{ ...place, offset: begin ?? 0, what }];
    if (left?.endedBy !== "corrupt" || left.next > left.base) return [];
    return [{ ...place, offset: left.next, what }];
  }
  if (header === undefined || left?.base === before.base) return [];
  const end = before.survey.runs.at(-1)?.end.next ?? before.base;
  return [{ ...place, offset: Math.min(end, base), what: "a segment before it is missing" }];
}

function headerFindings(
  { base, file, header }: FoundSegment,
  through: number,
  isLast: boolean,
): Finding[] {
  if (header !== undefined) return [];
  const isUnfinished = isLast && through <= base;
  const what = isUnfinished
    ? "its writer ended while it was made"
    : "its header cannot be read; records behind it that are whole can be kept";
  return [{
    kind: isUnfinished ? "torn" : "corrupt",
    file,
    byte: 0,
    offset: base,
    until: base,
    what,
  }];
}

function gapFinding(
  file: string,
  { from, until }: Gap,
  through: number,
  successor: FoundSegment | undefined,
): Finding {
  const place = { file, byte: from.bytes, offset: from.next };
  if (successor === undefined && from.next >= through) {
    const what = "a batch was being written when its writer ended; the next writer cuts it";
    return { ...place, kind: "torn", until: from.next, what };
  }
  const end = until?.next ?? Math.max(through, from.next);
  return { ...place, kind: "corrupt", until: end, what: "acknowledged records cannot be read" };
}

async function hasFooter(
  folder: TopicFolder,
  { base }: FoundSegment,
  length: number,
  next: number,
): Promise<boolean> {
  using segment = await openSegment(folder, base);
  return (await segment.readFooter(length))?.next === next;
}

/** A finding in the words of the port. */
export function told(
  { offset, until, ...rest }: Finding,
  groups: readonly FoundGroup[],
): LogFinding {
  const behind = groups.filter(({ state, hold }) =>
    typeof state === "object" ? state.position < until : state === "broken" || hold === "required"
  );
  return {
    ...rest,
    offset: BigInt(offset),
    records: BigInt((until - offset) % corruptJump),
    groups: behind.map(({ name }) => name),
  };
}
