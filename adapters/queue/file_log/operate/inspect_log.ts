import type {
  GroupInspection,
  SegmentInspection,
  TopicInspection,
} from "../../../../src/ports/log_tools.ts";
import { type DurableEnd, readDurableEnd } from "../segments/slots.ts";
import { findGroups, findSegments, type FoundGroup, knownEnd } from "../segments/topic_contents.ts";
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
    groups: (await findGroups(folder)).map((group) => groupInspection(group, slot)),
  };
}

function groupInspection(
  { name, state, isActive }: FoundGroup,
  slot: DurableEnd | undefined,
): GroupInspection {
  if (typeof state === "string") return { name, isActive };
  const { position, delivered, deadLettered, dropped, time, pid } = state;
  return {
    name,
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
