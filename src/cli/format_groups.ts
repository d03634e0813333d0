/** Where groups stand, in lines for people. */
import type { GroupPosition, PositionReset } from "../ports/event_groups.ts";
import { escapeControls } from "../process/escape_controls.ts";
import { table } from "./format_table.ts";
import type { FoundGroup } from "./show_groups.ts";

const headings = ["in", "group", "topic", "partition", "position", "end", "lag", "age", "holder"];
const nothing = "-";

/** @param withTime Says when it was, for whoever looks again and again. */
export function formatGroups(
  groups: readonly FoundGroup[],
  now: number,
  withTime: boolean,
): string {
  const time = withTime ? `${new Date(now).toISOString()}\n` : "";
  if (groups.length === 0) return `${time}No groups\n`;
  const rows = groups.flatMap((group) => {
    const who = [group.place, group.group];
    if (group.positions.length === 0) return [[...who, ...noPlace(group)]];
    return group.positions.map((position) => [...who, ...cells(position, group, now)]);
  });
  return `${time}${table(headings, rows)}${withTime ? "\n" : ""}`;
}

function cells(position: GroupPosition, group: FoundGroup, now: number): readonly string[] {
  const { topic, partition, end, lag, waitingSince, holder } = position;
  const what = isOurs(group) ? "" : ` (${group.kind})`;
  return [
    topic,
    String(partition),
    show(position.position),
    show(end),
    position.isOfAnother ? "topic made anew" : show(lag),
    waitingSince === undefined ? nothing : ageOf(waitingSince, now),
    `${holder ?? nothing}${what}`,
  ];
}

const isOurs = ({ kind }: FoundGroup): boolean => kind === "consumer" || kind === "";

function noPlace({ kind, isActive }: FoundGroup): readonly string[] {
  const members = isActive === undefined ? nothing : isActive ? "has members" : "no members";
  const who = kind === "" ? members : `${members} (${kind})`;
  return [nothing, nothing, nothing, nothing, nothing, nothing, who];
}

const show = (value: bigint | undefined): string => value === undefined ? nothing : String(value);

/** How old the oldest record is that waits. */
function ageOf(time: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** @param isDone False: nothing was changed. */
export function formatReset(
  { group, topic, place }: Readonly<Record<"group" | "topic" | "place", string>>,
  resets: readonly PositionReset[],
  isDone: boolean,
): string {
  const rows = resets.map(({ partition, before, after, end }) => [
    String(partition),
    show(before),
    String(after),
    before === undefined ? nothing : signed(after - before),
    String(end),
  ]);
  const end = isDone ? "Moved" : "Nothing was changed, --execute does it";
  return `Group ${escapeControls(group)} in topic ${escapeControls(topic)} of ${place}\n${
    table(["partition", "before", "after", "moved by", "end"], rows)
  }${end}\n`;
}

const signed = (by: bigint): string => by > 0n ? `+${by}` : String(by);
