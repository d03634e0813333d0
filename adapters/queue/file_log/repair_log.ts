/** Mending a damaged topic: what is whole is kept, what is not is given up, and nothing is destroyed. */
import type { Clock } from "../../../src/ports/clock.ts";
import type { RepairReport } from "../../../src/ports/log_tools.ts";
import type { DiskFile } from "./disk.ts";
import { keepBroken } from "./broken_copy.ts";
import { writeRun } from "./run_segment.ts";
import {
  encodeSegmentHeader,
  type Predecessor,
  type SegmentHeader,
  segmentHeaderBytes,
  segmentName,
} from "./segment_header.ts";
import type { Run } from "./segment_survey.ts";
import { createSegment, monotonic, publishEnd, segmentPath } from "./segment_tail.ts";
import type { TopicFolder } from "./topic_folder.ts";
import { type JudgedSegment, type Judgement, judgeTopic } from "./verify_log.ts";
import { createWriteLock } from "./write_lock.ts";

/** How long writers are waited for; they come and go within milliseconds. */
const lockBudgetMs = 5000;

interface Step {
  /** In words. */
  readonly what: string;
  run(): Promise<void>;
}

/** Where a segment ends, for the next one's header. */
type End = Pick<SegmentHeader, "time" | "recordsBefore"> & Omit<Predecessor, "endedBy">;

/** Writers wait meanwhile. A step that fails, or a crash, leaves a log that can be repaired again. */
export async function repairTopic(
  folder: TopicFolder,
  dryRun: boolean,
  clock: Clock,
): Promise<RepairReport> {
  // Read without the lock, so that writers wait for the last segment only.
  const { segments } = await judgeTopic(folder);
  const lock = createWriteLock(folder.lock, folder.turn, clock);
  await lock.take(lockBudgetMs);
  try {
    const judgement = await judgeTopic(folder, segments.slice(0, -1));
    const lost = judgement.verdict.findings.filter(({ kind }) => kind === "corrupt");
    const steps = lost.length === 0 ? [] : plan(folder, judgement, clock);
    if (!dryRun) { for (const step of steps) await step.run(); }
    return { topic: folder.topic, steps: steps.map(({ what }) => what), lost };
  } finally {
    lock.release();
  }
}

function plan(folder: TopicFolder, judgement: Judgement, clock: Clock): Step[] {
  const steps: Step[] = [];
  let before: End | undefined;
  /** Whether what is before a segment is other than its header says. */
  let isChanged = false;
  /** Segments that an interrupted repair began, and that are made anew. */
  const remade = new Set<number>();
  for (const segment of judgement.segments) {
    if (remade.has(segment.base)) continue;
    const { header, survey, findings } = segment;
    const isBad = findings.some(({ kind }) => kind === "corrupt");
    // Its writer ended while it was made; the next one takes it away.
    if (header === undefined && !isBad) break;
    if (header === undefined || isChanged || !follows(header, before)) {
      if (header === undefined) steps.push(keepBroken(folder, segment));
      steps.push(writeHeader(folder, segment, before));
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
      steps.push(...split(folder, segment, runs, ends));
      for (const { base } of ends.slice(1)) remade.add(base);
    }
    // What is wrong at byte 0 is the header alone.
    isChanged = findings.some(({ kind, byte }) => kind === "corrupt" && byte > 0);
    before = ends.at(-1);
  }
  if (before !== undefined && isChanged) steps.push(goOn(folder, judgement, before, clock));
  return steps;
}

/** Whether a header says of the segment before it what is there, and that there is nothing to stop at. */
function follows({ predecessor }: SegmentHeader, before: End | undefined): boolean {
  if (predecessor?.endedBy === "corrupt") return false;
  // The oldest are taken away with age.
  return before === undefined ||
    (predecessor?.base === before.base && predecessor.next === before.next);
}

function writeHeader(folder: TopicFolder, segment: JudgedSegment, before: End | undefined): Step {
  const { base, header: old } = segment;
  const header: SegmentHeader = {
    logId: folder.logId,
    base,
    time: old?.time ?? before?.time ?? 0,
    recordsBefore: old?.recordsBefore ?? before?.recordsBefore ?? 0,
    predecessor: linkTo(before ?? old?.predecessor),
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

function linkTo(end: Omit<Predecessor, "endedBy"> | undefined): Predecessor | undefined {
  if (end === undefined) return undefined;
  const { base, next, length } = end;
  return { base, next, length, endedBy: "repair" };
}

/** Cuts a segment behind its good beginning; good batches behind the damage get segments of their own. */
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
  // From the back, and the cut last: until all of them are made, each can be made again from what the segment still holds.
  return [...steps.toReversed(), cut];
}

/** Makes a segment for new records, behind every offset that was ever given. */
function goOn(
  folder: TopicFolder,
  { slot, acknowledged }: Judgement,
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
  return {
    what: `Go on with record ${base} in ${segmentName(base)}`,
    async run() {
      const plans = { segmentBytes: segmentHeaderBytes, clock };
      const tail = await createSegment(folder, header, plans, slot?.sequence ?? 0);
      try {
        await publishEnd(folder, tail);
      } finally {
        tail.file.close();
      }
    },
  };
}

async function withSegment(
  folder: TopicFolder,
  base: number,
  work: (file: DiskFile) => Promise<void>,
): Promise<void> {
  const file = await folder.disk.open(segmentPath(folder, base), "write");
  try {
    await work(file);
  } finally {
    file.close();
  }
}
