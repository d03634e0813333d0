/** Reading all of a topic and judging it by the rules by which writers would. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { LogFinding, TopicVerdict } from "../../../../src/ports/log_tools.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { createWriteLock } from "../disk/write_lock.ts";
import { segmentName } from "../format/segment_header.ts";
import { openSegment } from "../segments/segment_file.ts";
import { type SegmentSurvey, surveySegment } from "../segments/segment_survey.ts";
import { type DurableEnd, readDurableEnd } from "../segments/slots.ts";
import {
  findGroups,
  findSegments,
  type FoundGroup,
  type FoundSegment,
  knownEnd,
  whileThere,
} from "../segments/topic_contents.ts";
import { futureVersion } from "../segments/topic_fault.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";
import { type Finding, judgeSegment, told } from "./segment_judgement.ts";

/** How long the end of a log that is written to is waited for. */
const lockBudgetMs = 1000;

/** A segment with what is whole in it. */
export interface JudgedSegment extends FoundSegment {
  readonly survey: SegmentSurvey;
  readonly findings: readonly Finding[];
}

export interface Judgement {
  readonly verdict: TopicVerdict;
  readonly segments: readonly JudgedSegment[];
  readonly groups: readonly FoundGroup[];
  readonly slot: DurableEnd | undefined;
  /** The offset up to which records were acknowledged, so far as anything tells. */
  readonly acknowledged: number;
}

/**
 * Takes the topic's lock only where the end is not what the durable slot says, and then looks at
 * the last segment alone.
 */
export async function verifyTopic(folder: TopicFolder, clock: Clock): Promise<TopicVerdict> {
  const { verdict, segments } = await judgeTopic(folder);
  if (segments.at(-1)?.findings.length === 0) return verdict;
  // A batch that is being written, most likely: with the lock in hand nobody writes.
  using lock = createWriteLock(folder.lock, folder.turn, clock);
  const isHeld = await lock.take(lockBudgetMs).then(() => false, isUnavailable);
  const { verdict: again } = await judgeTopic(folder, segments.slice(0, -1));
  return isHeld ? { ...again, findings: again.findings.map(asBeingWritten) } : again;
}

/**
 * Whoever holds the lock for so long hangs in a write: what there is can be judged, it does not
 * change meanwhile.
 */
function isUnavailable(error: unknown): true {
  if (error instanceof QueueError && error.code === "unavailable") return true;
  throw error;
}

function asBeingWritten(finding: LogFinding): LogFinding {
  if (finding.kind === "corrupt") return finding;
  const what = "it is being written by a process that holds the topic's lock, and hangs";
  return { ...finding, what };
}

/**
 * As the files are now; whoever wants to be sure of the log's end holds the lock.
 *
 * @param known What was judged a moment ago, and is not read again.
 */
export async function judgeTopic(
  folder: TopicFolder,
  known: readonly JudgedSegment[] = [],
): Promise<Judgement> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  const groups = await findGroups(folder);
  const positions = groups.map(({ state }) => typeof state === "object" ? state.position : 0);
  const found = await findSegments(folder);
  let acknowledged = Math.max(slot?.next ?? 0, ...positions);
  const segments = await whileThere<FoundSegment, JudgedSegment>(
    found,
    async (segment, n, before) => {
      const successor = found[n + 1];
      const surveyed = known.find(({ base }) => base === segment.base)?.survey ??
        await survey(folder, segment, successor, slot);
      acknowledged = Math.max(acknowledged, surveyed.syncedThrough);
      // Read now, because retention notes what it takes away before it does.
      const begin = before === undefined
        ? (await readDurableEnd(folder.durable, folder.logId))?.begin
        : undefined;
      const around = { before, successor, slot, acknowledged, begin };
      const findings = await judgeSegment(folder, segment, surveyed, around);
      return { ...segment, survey: surveyed, findings };
    },
  );
  const findings = [
    ...segments.flatMap(({ findings }) => findings),
    ...found.length === 0 && acknowledged > 0 ? [allMissing(slot?.begin ?? 0, acknowledged)] : [],
    ...groups.filter(({ state }) => state === "broken").map((group) => brokenGroup(group)),
  ];
  const runs = segments.flatMap(({ survey }) => survey.runs);
  const verdict: TopicVerdict = {
    topic: folder.topic,
    bytes: runs.reduce((sum, { from, end }) => sum + end.bytes - from.bytes, 0),
    records: BigInt(runs.reduce((sum, { from, end }) => sum + end.next - from.next, 0)),
    findings: findings.map((finding) => told(finding, groups)),
  };
  return { verdict, segments, groups, slot, acknowledged };
}

/** What is whole in a segment, as far as it is the segment's. */
export async function survey(
  folder: TopicFolder,
  segment: FoundSegment,
  successor: FoundSegment | undefined,
  slot: DurableEnd | undefined,
): Promise<SegmentSurvey> {
  const { base } = segment;
  const isSealed = successor?.header?.predecessor?.endedBy === "corrupt";
  // The last one is read to its end, and so is what was sealed: behind the damage may be batches
  // that are whole.
  const end = successor === undefined || isSealed ? undefined : knownEnd(segment, successor, slot);
  using opened = await openSegment(folder, base);
  const survey = await surveySegment(opened.file, opened.start, opened.seed, end);
  if (survey.isFuture) throw futureVersion(opened.path);
  return survey;
}

const allMissing = (offset: number, until: number): Finding => ({
  kind: "corrupt",
  file: segmentName(offset),
  byte: 0,
  offset,
  until,
  what: "all segments are missing",
});

const brokenGroup = ({ name, isActive }: FoundGroup): Finding => ({
  kind: "corrupt",
  file: groupPath("", name).slice(1),
  byte: 0,
  offset: 0,
  until: 0,
  what: `neither of the group's two positions can be read; ${
    isActive
      ? "its active member writes one with its next commit"
      : "a repair lets it begin anew with the oldest record"
  }`,
});
