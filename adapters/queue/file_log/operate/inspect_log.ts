/** What a topic consists of, by its headers and slots: what `inspect` says. */
import type {
  GroupInspection,
  SegmentInspection,
  TopicInspection,
} from "../../../../src/ports/log_tools.ts";
import {
  type DurableEnd,
  type FoundGroupState,
  readDurableEnd,
  recordsCounted,
} from "../segments/slots.ts";
import {
  findGroups,
  findSegments,
  type FoundGroup,
  type FoundSegment,
  knownEnd,
} from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

/** What a topic consists of, by its headers and slots. */
export async function inspectTopic(folder: TopicFolder): Promise<TopicInspection> {
  // Before the segments: the slot never names one that is not there yet.
  const slot = await readDurableEnd(folder.durable, folder.logId);
  const found = await findSegments(folder);
  const segments = found.map((segment, n): SegmentInspection => {
    const { base, file, fileBytes, header } = segment;
    const end = knownEnd(segment, found[n + 1], slot);
    const isLast = n === found.length - 1;
    const left = found[n + 1]?.header?.predecessor?.endedBy ?? "unknown";
    return {
      file,
      base: BigInt(base),
      fileBytes,
      ...(end && { next: BigInt(end.next), usedBytes: end.bytes }),
      ...(header && { begunAt: header.time }),
      state: header === undefined ? "unreadable" : isLast ? "open" : left,
    };
  });
  return {
    topic: folder.topic,
    path: folder.path,
    logId: folder.logId.toHex(),
    ...(slot && {
      durable: { next: BigInt(slot.next), records: BigInt(slot.records), time: slot.time },
    }),
    segments,
    groups: await groupInspections(folder, await findGroups(folder), slot, found),
  };
}

/** What is to be said of groups, and of what is kept for them. */
export async function groupInspections(
  folder: TopicFolder,
  groups: readonly FoundGroup[],
  slot: DurableEnd | undefined,
  segments?: readonly FoundSegment[],
): Promise<readonly GroupInspection[]> {
  const found = segments ?? await findSegments(folder);
  return groups.map((group) => groupInspection(group, slot, found));
}

function groupInspection(
  { name, state, hold, isActive }: FoundGroup,
  slot: DurableEnd | undefined,
  segments: readonly FoundSegment[],
): GroupInspection {
  const kept = {
    ...(hold !== undefined && { hold }),
    ...(hold !== "none" && hold !== "released" && keptFrom(state, slot, segments)),
  };
  if (typeof state === "string") {
    const before = segments[0]?.header?.recordsBefore;
    const unread = before === undefined || slot === undefined ? undefined : slot.records - before;
    return { name, ...kept, isActive, ...(unread !== undefined && { unread: BigInt(unread) }) };
  }
  const { position, delivered, deadLettered, dropped, time, pid } = state;
  return {
    name,
    ...kept,
    ...(slot && { unread: BigInt(Math.max(0, slot.records - recordsCounted(state))) }),
    position: BigInt(position),
    ...(slot && { lag: BigInt(Math.max(0, slot.next - position)) }),
    delivered: BigInt(delivered),
    deadLettered: BigInt(deadLettered),
    dropped: BigInt(dropped),
    progressAt: time,
    pid,
    isActive,
  };
}

/** Whole segments are kept from the one on in which the first record stands that was not read. */
function keptFrom(
  state: FoundGroupState,
  slot: DurableEnd | undefined,
  segments: readonly FoundSegment[],
): Pick<GroupInspection, "heldBytes" | "heldSince"> {
  const at = typeof state === "object" ? state.position : 0;
  if (slot !== undefined && at >= slot.next) return {};
  const ends = segments.map((segment, n) => knownEnd(segment, segments[n + 1], slot));
  const first = ends.findIndex((end) => end === undefined || end.next > at);
  if (first < 0) return {};
  const heldBytes = segments.slice(first).reduce(
    (sum, { fileBytes }, n) => sum + (ends[first + n]?.bytes ?? fileBytes),
    0,
  );
  const heldSince = segments[first]?.header?.time;
  return { heldBytes, ...(heldSince !== undefined && { heldSince }) };
}
