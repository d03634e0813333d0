/** What the tools of the log found, in lines for people. */
import type {
  GroupInspection,
  LogFinding,
  PassedOver,
  ReleaseReport,
  RepairReport,
  SegmentInspection,
  TopicInspection,
  TopicVerdict,
} from "../ports/log_tools.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { table } from "./format_table.ts";

const unknown = "?";
const groupHeadings = [
  "group",
  "position",
  "lag",
  "delivered",
  "dead-lettered",
  "dropped",
  "kept for it",
  "progress",
  "member",
];

/** @param now For the age of things, milliseconds since the epoch. */
export function formatInspection(inspection: TopicInspection, now: number): string {
  const { topic, path, logId, durable, segments, groups } = inspection;
  const end = durable === undefined
    ? "Nothing says how far it is durable"
    : `Durable up to offset ${durable.next}, ${durable.records} records ever, written ${
      showAge(durable.time, now)
    }`;
  const tables = [
    table(["segment", "from", "to", "bytes", "of", "begun", "state"], segments.map(segmentRow)),
    groups.length === 0 ? "No groups\n" : table(groupHeadings, groups.map(groupRow)),
  ];
  return `Topic ${escapeControls(topic)} in ${escapeControls(path)}, log ${logId}\n${end}\n${
    tables.join("")
  }\n`;

  function groupRow(group: GroupInspection) {
    const { name, position, lag, delivered, deadLettered, dropped, progressAt, pid } = group;
    const member = group.isActive ? `active, last commit by process ${pid ?? unknown}` : "none";
    const age = progressAt === undefined ? "never" : showAge(progressAt, now);
    const counts = [position, lag, delivered, deadLettered, dropped].map(show);
    return [name, ...counts, keptFor(group), age, member];
  }
}

/** Whether old segments wait for the group. */
function keptFor({ hold, heldBytes = 0, unread }: GroupInspection): string {
  if (hold === "none") return "no";
  if (hold === "released") return "no, given up";
  return `${unread ?? unknown} records, ${heldBytes} bytes`;
}

function segmentRow(segment: SegmentInspection): readonly string[] {
  const { file, base, next, usedBytes, fileBytes, begunAt, state } = segment;
  const begun = begunAt === undefined ? unknown : new Date(begunAt).toISOString();
  return [file, show(base), show(next), show(usedBytes), show(fileBytes), begun, state];
}

const show = (value: bigint | number | undefined): string =>
  value === undefined ? unknown : String(value);

function showAge(time: number, now: number): string {
  const seconds = Math.round((now - time) / 1000);
  if (seconds < 0) return `${-seconds} s ahead of this clock`;
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

export function formatPassedOver({ path, mayBeTopic, why }: PassedOver): string {
  const stake = mayBeTopic ? "; there may be records in it" : "";
  return `Passed over ${path}: ${why}${stake}\n`;
}

export function formatVerdict({ topic, bytes, records, findings }: TopicVerdict): string {
  const whole = `Topic ${escapeControls(topic)}: ${records} records in ${bytes} bytes are whole`;
  if (findings.length === 0) return `${whole}, nothing is damaged\n`;
  return `${whole}\n${findings.map(formatFinding).join("")}`;
}

function formatFinding({ kind, file, byte, offset, records, groups, what }: LogFinding): string {
  const stake = kind === "corrupt"
    ? `; lost at most: ${records} records; groups that have not read them: ${
      groups.join(", ") || "none"
    }`
    : "";
  const finding = `${kind}: ${file} at byte ${byte}, offset ${offset}: ${what}${stake}`;
  return `${escapeControls(finding)}\n`;
}

/** @param isDone False: nothing was changed. */
export function formatRelease(
  { topic, group, found, steps }: ReleaseReport,
  isDone: boolean,
): string {
  const of = `Topic ${escapeControls(topic)}: `;
  const name = escapeControls(group);
  if (found === undefined) return `${of}there is no group ${name}\n`;
  if (found.hold === "released") return `${of}group ${name} was given up before\n`;
  if (steps.length === 0) return `${of}nothing is kept for group ${name}\n`;
  const does = steps.map((step) => `  ${escapeControls(step)}\n`).join("");
  return `${of}\n${does}${isDone ? "Given up\n" : "Nothing was changed, --yes does it\n"}`;
}

/** @param isDone False: nothing was changed. */
export function formatRepair({ steps, lost, ...of }: RepairReport, isDone: boolean): string {
  const topic = escapeControls(of.topic);
  if (lost.length === 0) return `Topic ${topic}: there is nothing to repair\n`;
  const does = steps.map((step) => `  ${escapeControls(step)}\n`).join("");
  const end = steps.length === 0
    ? "No step can mend this\n"
    : isDone
    ? "Repaired\n"
    : "Nothing was changed, --yes does it\n";
  return `Topic ${topic}:\n${lost.map(formatFinding).join("")}${does}${end}`;
}
