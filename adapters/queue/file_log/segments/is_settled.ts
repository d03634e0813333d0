import { checksumSeed } from "../format/checksum.ts";
import { readDurableEnd } from "./durable_slot.ts";
import { segmentBases } from "./segment_chain.ts";
import { scanSegment } from "./segment_scan.ts";
import { segmentPath } from "../append/segment_tail.ts";
import type { TopicFolder } from "./topic_folder.ts";

const peekBytes = 4096;

/**
 * Whether there is nothing behind the durable slot: no batch in flight, and none that a writer left that died before it could
 * say so. Looked at without the lock, so that readers who come do not hold writers up.
 */
export async function isSettled(folder: TopicFolder): Promise<boolean> {
  const slot = await readDurableEnd(folder.durable, folder.logId);
  if (slot === undefined || slot.moving) return false;
  // The power may have taken a slot that named a newer one; and one that is missing is for recovery, too.
  if ((await segmentBases(folder)).at(-1) !== slot.segment) return false;
  const file = await folder.disk.open(segmentPath(folder, slot.segment), "read");
  try {
    const seed = checksumSeed(folder.logId, slot.segment);
    const { stoppedBy, next } = await scanSegment(file, slot, seed, peekBytes);
    return stoppedBy === "nothing" && next === slot.next;
  } finally {
    file.close();
  }
}
