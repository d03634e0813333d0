/** Appending one batch, and what becomes of the segment where that fails. */
import { getLogger } from "../../../../src/ports/logger.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { diskRefusal } from "../disk/disk_error.ts";
import { footerBytes } from "../format/batch_format.ts";
import { segmentHeaderBytes } from "../format/segment_header.ts";
import { removed } from "../segments/topic_fault.ts";
import { isRemoved, type TopicFolder } from "../segments/topic_folder.ts";
import type { GrowingBatch } from "./growing_batch.ts";
import {
  abandonSegment,
  monotonic,
  publishEnd,
  rollSegment,
  type SegmentPlans,
  type SegmentTail,
} from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/** Whether the tail can be appended to after an append that failed. */
export interface FailedAppend {
  readonly error: QueueError;
  /** Undefined: the end of the log must be found anew. */
  readonly tail: SegmentTail | undefined;
}

export type Appended =
  | { readonly tail: SegmentTail; readonly baseOffset: number }
  | FailedAppend;

/**
 * Writes a batch, syncs it and says so in the durable slot: when this resolves with an offset, the
 * batch is accepted.
 */
export async function appendBatch(
  folder: TopicFolder,
  current: SegmentTail,
  batch: GrowingBatch,
  plans: SegmentPlans,
): Promise<Appended> {
  const { topic } = folder;
  let tail = current;
  const isFull = tail.bytes + batch.bytes + footerBytes + 8 > plans.segmentBytes;
  if (isFull && tail.bytes > segmentHeaderBytes) {
    try {
      tail = await rollSegment(folder, tail, plans);
    } catch (error) {
      tail.file.close();
      return {
        error: diskRefusal(error, `begin a new segment of topic "${topic}"`),
        tail: undefined,
      };
    }
  }
  const [baseOffset, time] = [tail.next, monotonic(tail.time, plans.clock)];
  const bytes = batch.seal(baseOffset, time, tail.seed);
  try {
    await tail.file.write(tail.bytes, bytes);
  } catch (error) {
    return await takeBack(folder, tail, diskRefusal(error, `write to topic "${topic}"`));
  }
  try {
    await tail.file.sync();
  } catch (error) {
    return await moveOn(folder, tail, plans, batch.count, error);
  }
  if (isRemoved(folder) || isUnlinked(folder, tail)) {
    tail.file.close();
    return { error: removed(topic), tail: undefined };
  }
  tail.bytes += bytes.length;
  tail.next += batch.count;
  tail.records += batch.count;
  tail.time = time;
  try {
    await publishEnd(folder, tail);
  } catch (error) {
    tail.file.close();
    const message = `Record of topic "${topic}" is on the disk, but could not be made visible`;
    return {
      error: new QueueError("outcome_unknown", message, { cause: error }),
      tail: undefined,
    };
  }
  return { tail, baseOffset };
}

/**
 * After a short write: what stands is no batch, and is taken away so that nothing behind it is
 * lost.
 */
async function takeBack(
  folder: TopicFolder,
  tail: SegmentTail,
  error: QueueError,
): Promise<FailedAppend> {
  try {
    await tail.file.truncate(tail.bytes);
    return { error, tail };
  } catch (cause) {
    tail.file.close();
    const message = `Could not take a failed write to topic "${folder.topic}" back`;
    return { error: new QueueError("outcome_unknown", message, { cause }), tail: undefined };
  }
}

async function moveOn(
  folder: TopicFolder,
  tail: SegmentTail,
  plans: SegmentPlans,
  rejected: number,
  cause: unknown,
): Promise<FailedAppend> {
  const { topic } = folder;
  const message = `Could not sync topic "${topic}": the record may stand`;
  const error = new QueueError("outcome_unknown", message, { cause });
  logger.error("Sync of topic {topic} failed: its segment {segment} is left", {
    topic,
    segment: tail.header.base,
    error: cause,
  });
  try {
    return { error, tail: await abandonSegment(folder, tail, plans, rejected) };
  } catch {
    tail.file.close();
    return { error, tail: undefined };
  }
}

/**
 * Whether the segment has lost its name. It is looked at only when names in its folder have
 * changed: since Linux 6.13 the write after a look must give the file a finer time, and the sync of
 * that takes a third longer.
 */
function isUnlinked({ disk, path }: TopicFolder, tail: SegmentTail): boolean {
  const version = disk.namesVersion(path);
  if (version === undefined) return true;
  if (version === tail.namesVersion) return false;
  tail.namesVersion = version;
  return tail.file.links().count === 0;
}
