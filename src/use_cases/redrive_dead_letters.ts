/**
 * Brings dead letters back to the topic where they were given up, for the group that gave them up.
 *
 * **Once**: the letters are read as a consumer group of their own, one for each group that gave
 * some up, and committed when the topic has them. A letter is not brought back again by the next
 * redrive, unless that group is reset. Only a crash between report and commit can repeat those that
 * were under way; their events have the same ids.
 *
 * A letter stays in the dead letters until retention takes it away.
 */
import { deadLetterTopic, topicNameFault } from "../domain/topic_name.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { DeliveryReport } from "../ports/event_queue.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { readDeadLetter } from "../wire/dead_letter.ts";
import { redrivenRecord } from "../wire/redriven_record.ts";

/** The consumer group as which the letters of a group are read. */
export const redriveGroupOf = (group: string): string => `redrive.${group}`;

export interface RedriveOptions {
  /** Whether it only says what it would do. Default: does it. */
  readonly dryRun?: boolean;
  /** Where the letters lie, and the topic that they go back to. */
  readonly log: EventLog;
  /** Whose letters: of `deadLetterTopic(topic)`. */
  readonly topic: string;
  /** That gave them up. */
  readonly group: string;
  /** Letters at most. Default: all that there are at the time of the call. */
  readonly most?: number;
  /** Ends it between letters. */
  readonly signal: AbortSignal;
  /**
   * Called for each letter that stands in its topic again, or cannot. Its promise is waited for.
   */
  readonly onLetter: (letter: RedrivenLetter, outcome: RedriveOutcome) => Promise<void>;
  /** Called when another process is at it, which is waited for. */
  readonly onStandBy: () => void;
}

/** A letter, and the partition of the dead letters that it lies in. */
export interface RedrivenLetter extends StoredRecord {
  readonly partition: number;
}

/** Where a letter stands again (or would), or why it cannot go back: it is passed over. */
export type RedriveOutcome =
  | { readonly topic: string; readonly report?: DeliveryReport }
  | { readonly fault: string };

/** How many letters are published before their reports are awaited. */
const strideRecords = 100;

/** @throws {QueueError} by rejection: from there on nothing was brought back. */
export async function redriveDeadLetters(options: RedriveOptions): Promise<void> {
  const { log, topic, group, most = Infinity, signal, onStandBy, dryRun = false } = options;
  let left = most;
  const batches = log.subscribe(deadLetterTopic(topic), {
    group: redriveGroupOf(group),
    from: "earliest",
    until: "end",
    maxRecords: Math.min(strideRecords, left),
    signal,
    onPlace: (positions) => {
      if (positions.size === 0) onStandBy();
    },
  });
  for await (const batch of batches) {
    if (left === 0) return;
    const letters = batch.records.filter((record) => readDeadLetter(record).group === group)
      .slice(0, left);
    left -= letters.length;
    await redriveBatch(batch, letters, options);
    if (dryRun) continue;
    // With none left, what follows the last of them is another redrive's.
    const through = left === 0 ? letters.at(-1)?.offset : undefined;
    await batch.commit(through);
  }
}

/** In order; what stands before the first that is refused is committed. */
async function redriveBatch(
  batch: RecordBatch,
  letters: readonly StoredRecord[],
  { log, topic, group, onLetter, dryRun = false }: RedriveOptions,
): Promise<void> {
  const ends = await Promise.allSettled(letters.map(async (letter): Promise<RedriveOutcome> => {
    const original = readDeadLetter(letter).topic ?? topic;
    const fault = topicNameFault(original);
    if (fault !== undefined) return { fault };
    if (dryRun) return { topic: original };
    return { topic: original, report: await log.publish(original, redrivenRecord(letter, group)) };
  }));
  let before: bigint | undefined;
  for (const [index, letter] of letters.entries()) {
    const end = ends[index];
    if (end?.status !== "fulfilled") {
      if (before !== undefined && !dryRun) await batch.commit(before);
      throw end?.reason;
    }
    before = letter.offset;
    await onLetter({ ...letter, partition: batch.partition }, end.value);
  }
}
