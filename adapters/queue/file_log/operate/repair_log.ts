/**
 * Mending a damaged topic: what is whole is kept, what is not is given up, and nothing is
 * destroyed.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { RepairReport } from "../../../../src/ports/log_tools.ts";
import type { DiskFile } from "../disk/disk.ts";
import { createWriteLock } from "../disk/write_lock.ts";
import {
  encodeSegmentHeader,
  type SegmentHeader,
  segmentHeaderBytes,
  segmentName,
} from "../format/segment_header.ts";
import { openSegment } from "../segments/segment_file.ts";
import type { Run } from "../segments/segment_survey.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { beginAnew, beginBase, goOn } from "./repair_end.ts";
import { type End, givenUp, keepBroken, linkTo, renewGroup, type Step } from "./repair_step.ts";
import { writeRun } from "./run_segment.ts";
import { type JudgedSegment, type Judgement, judgeTopic } from "./verify_log.ts";

/** How long writers are waited for; they come and go within milliseconds. */
const lockBudgetMs = 5000;

/**
 * Writers wait meanwhile. A step that fails, or a crash, leaves a log that can be repaired again.
 */
export async function repairTopic(
  folder: TopicFolder,
  dryRun: boolean,
  clock: Clock,
): Promise<RepairReport> {
  // Read without the lock, so that writers wait for the last segment only.
  const { segments } = await judgeTopic(folder);
  using lock = createWriteLock(folder.lock, folder.turn, clock);
  await lock.take(lockBudgetMs);
  const judgement = await judgeTopic(folder, segments.slice(0, -1));
  const lost = judgement.verdict.findings.filter(({ kind }) => kind === "corrupt");
  const steps = lost.length === 0 ? [] : plan(folder, judgement, clock);
  if (!dryRun) { for (const step of steps) await step.run(); }
  return { topic: folder.topic, steps: steps.map(({ what }) => what), lost };
}

function plan(folder: TopicFolder, judgement: Judgement, clock: Clock): Step[] {
  const steps: Step[] = [];
  let before: End | undefined;
  /** Whether what is before a segment is other than its header says. */
  let isChanged = false;
  /** Segments that an interrupted repair began, and that are made anew. */
  const remade = new Set<number>();
  if (judgement.segments.length === 0) steps.push(beginAnew(folder, judgement, clock));
  for (const segment of judgement.segments) {
    if (remade.has(segment.base)) continue;
    const { header, survey, findings } = segment;
    const isBad = findings.some(({ kind }) => kind === "corrupt");
    // Its writer ended while it was made; the next one takes it away.
    if (header === undefined && !isBad) break;
    // Where records are lost at byte 0, they stood before the log's first segment.
    const isBeginLost = before === undefined &&
      findings.some(({ kind, byte, offset, until }) =>
        kind === "corrupt" && byte === 0 && offset < until
      );
    if (header === undefined || isChanged || isBeginLost || !follows(header, before)) {
      if (header === undefined) steps.push(keepBroken(folder, segment));
      steps.push(writeHeader(folder, segment, before, isBeginLost));
    }
    const { runs } = survey;
    const times = { time: header?.time ?? before?.time ?? 0 };
    const records = header?.recordsBefore ?? (before?.recordsBefore ?? 0);
    const ends = runs.map((run, n): End => ({
      ...times,
      base: n === 0 ? segment.base : run.from.next,
      next: run.end.next,
      length: segmentHeaderBytes + run.end.bytes - run.from.bytes,
      recordsBefore: records + run.end.next - segment.base,
    }));
    if (isBad && (survey.gaps.length > 0 || runs.length > 1)) {
      if (header !== undefined) steps.push(keepBroken(folder, segment));
      // One by one: there may be more runs than a call may have arguments.
      for (const step of split(folder, segment, runs, ends)) steps.push(step);
      for (const { base } of ends.slice(1)) remade.add(base);
    }
    // What is wrong at byte 0 is the header alone.
    isChanged = findings.some(({ kind, byte }) => kind === "corrupt" && byte > 0);
    before = ends.at(-1);
  }
  if (before !== undefined && isChanged) steps.push(goOn(folder, judgement, before, clock));
  const start = judgement.segments[0]?.base ?? beginBase(judgement);
  for (const { name, state, isActive } of judgement.groups) {
    // Its member writes it anew with the next commit.
    if (state === "broken" && !isActive) steps.push(renewGroup(folder, name, start, clock));
  }
  return steps;
}

/**
 * Whether a header says of the segment before it what is there, and that there is nothing to stop
 * at.
 */
function follows({ predecessor }: SegmentHeader, before: End | undefined): boolean {
  if (predecessor?.endedBy === "corrupt") return false;
  // The oldest are taken away with age.
  return before === undefined ||
    (predecessor?.base === before.base && predecessor.next === before.next);
}

function writeHeader(
  folder: TopicFolder,
  segment: JudgedSegment,
  before: End | undefined,
  isBeginLost: boolean,
): Step {
  const { base, header: old } = segment;
  const header: SegmentHeader = {
    logId: folder.logId,
    base,
    time: old?.time ?? before?.time ?? 0,
    recordsBefore: old?.recordsBefore ?? before?.recordsBefore ?? 0,
    predecessor: isBeginLost ? givenUp(old?.predecessor?.base) : linkTo(before ?? old?.predecessor),
  };
  return {
    what: `Write the header of ${segment.file} anew: it follows upon ${
      before === undefined ? "nothing" : segmentName(before.base)
    }`,
    run: () =>
      withSegment(folder, base, async (file) => {
        await file.write(0, encodeSegmentHeader(header));
        await file.sync();
      }),
  };
}

/**
 * Cuts a segment behind its good beginning; good batches behind the damage get segments of their
 * own.
 */
function split(
  folder: TopicFolder,
  segment: JudgedSegment,
  [first, ...rest]: readonly [Run, ...Run[]],
  ends: readonly End[],
): Step[] {
  const { base, file: name, header } = segment;
  const steps = rest.map((run, n): Step => {
    const before = ends[n];
    const pieceHeader: SegmentHeader = {
      logId: folder.logId,
      base: run.from.next,
      time: before?.time ?? 0,
      recordsBefore: (header?.recordsBefore ?? 0) + run.from.next - base,
      predecessor: linkTo(before),
    };
    return {
      what: `Keep records ${run.from.next} to ${run.end.next - 1} in ${segmentName(run.from.next)}`,
      run: () => writeRun(folder, base, run, pieceHeader),
    };
  });
  const cut: Step = {
    what: first.end.next === base
      ? `Cut ${name} at byte ${first.end.bytes}: no record before the damage`
      : `Cut ${name} at byte ${first.end.bytes}: records ${base} to ${first.end.next - 1} stay`,
    run: () =>
      withSegment(folder, base, async (file) => {
        await file.truncate(first.end.bytes);
        await file.sync();
      }),
  };
  // From the back, and the cut last: until all of them are made, each can be made again from what
  // the segment still holds.
  return [...steps.toReversed(), cut];
}

async function withSegment(
  folder: TopicFolder,
  base: number,
  work: (file: DiskFile) => Promise<void>,
): Promise<void> {
  using segment = await openSegment(folder, base, "write");
  await work(segment.file);
}
