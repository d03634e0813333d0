/**
 * Where what can be read of a segment ends, and why something that was acknowledged cannot be read.
 */
import type { SegmentHeader } from "../format/segment_header.ts";
import { isBeginMissing, isRepairedBegin } from "../segments/segment_chain.ts";
import { headerOf, segmentBases, type SegmentFile } from "../segments/segment_file.ts";
import { readDurableEnd } from "../segments/slots.ts";
import { corrupt } from "../segments/topic_fault.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

/**
 * Records that were acknowledged and cannot be read: damaged, given up by a repair, or taken away
 * before.
 */
export interface Loss {
  readonly reason: "corrupt" | "repair" | "retention";
  readonly records: number;
  /** Where it ends: the offset of the next record that is whole, or of a segment. */
  readonly to: number;
}

/** Where a segment ends. */
export interface SegmentLimit {
  readonly bytes: number;
  /** The end that its successor knows; undefined where something between the two is lost. */
  readonly next: number | undefined;
  readonly successor: number;
  /** Why it could not be read to the end that its successor knows. */
  readonly reason: Loss["reason"];
}

/** Why there is nothing before the first segment, which begins with `base`. */
export async function whyMissing(
  folder: TopicFolder,
  base: number,
  header: SegmentHeader | undefined,
): Promise<Loss["reason"]> {
  if (isRepairedBegin(header)) return "repair";
  const end = await readDurableEnd(folder.durable, folder.logId);
  return isBeginMissing(base, header, end?.begin) ? "corrupt" : "retention";
}

/** The limit of a segment that its writers have left. */
export async function limitOf(
  folder: TopicFolder,
  { base, file }: SegmentFile,
  skipCorrupt: boolean,
): Promise<SegmentLimit> {
  const bases = await segmentBases(folder);
  const successor = bases.find((candidate) => candidate > base);
  if (successor === undefined) throw corrupt(folder, `the segment after ${base} is missing`);
  const predecessor = (await headerOf(folder, successor))?.predecessor;
  if (predecessor?.base !== base) {
    // Perhaps taken away while it was read here, and the next ones, too.
    const begin = (await readDurableEnd(folder.durable, folder.logId))?.begin ?? successor;
    const reason = bases.includes(base) || begin <= base ? "corrupt" : "retention";
    return { bytes: await file.size(), next: undefined, successor, reason };
  }
  const { length, next, endedBy } = predecessor;
  if (endedBy === "repair") return { bytes: length, next: undefined, successor, reason: "repair" };
  const reason = "corrupt";
  if (endedBy !== "corrupt") return { bytes: length, next, successor, reason };
  // Behind the bad place there may be more that is whole.
  return { bytes: skipCorrupt ? await file.size() : length, next: undefined, successor, reason };
}
