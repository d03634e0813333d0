/** Where reading starts that has no position yet, and where a group is moved to. */
import type { StartFrom } from "../../../../src/ports/event_source.ts";
import { startingOffset } from "../../../../src/ports/subscription_rules.ts";
import { isBeginMissing } from "../segments/segment_chain.ts";
import { headerOf, segmentBases } from "../segments/segment_file.ts";
import { type DurableEnd, readDurableEnd } from "../segments/slots.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { offsetAtTime } from "./time_search.ts";

/** The offset that `from` means now, of a log whose durable end may be moving. */
export async function startPosition(folder: TopicFolder, from: StartFrom): Promise<bigint> {
  const [first = 0] = await segmentBases(folder);
  const end = await readDurableEnd(folder.durable, folder.logId);
  if (end === undefined) return BigInt(first);
  // Behind segments that are missing nobody begins in silence.
  const oldest = BigInt(await isBeginLost(folder, first, end) ? end.begin ?? first : first);
  if (typeof from === "object" && "time" in from) {
    const offset = await offsetAtTime(folder, end, from.time) ?? end.next;
    return offset === first ? oldest : BigInt(offset);
  }
  return startingOffset(from, oldest, BigInt(end.next));
}

async function isBeginLost(folder: TopicFolder, base: number, end: DurableEnd): Promise<boolean> {
  if (end.begin === undefined || end.begin >= base) return false;
  return isBeginMissing(base, await headerOf(folder, base), end.begin);
}
