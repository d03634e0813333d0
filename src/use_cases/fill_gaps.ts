/** Reading again what a read model lacks, without its group. */
import type { EventSource } from "../ports/event_source.ts";
import type { ApplyOutcome, ConsumedBatch } from "../ports/read_model.ts";
import type { DecodedBatch } from "./decode_batch.ts";
import type { Gap } from "./find_gaps.ts";
import type { RecordBatch } from "../ports/event_source.ts";

export interface FillGapsOptions {
  readonly log: EventSource;
  readonly topic: string;
  readonly maxRecords: number;
  /** Ends reading. */
  readonly stop: AbortSignal;
  readonly decode: (batch: RecordBatch) => Promise<DecodedBatch>;
  readonly apply: (batch: ConsumedBatch) => Promise<ApplyOutcome>;
  /** So many records of a partition have been read again. */
  readonly onFilled: (gap: Gap, records: number) => void;
}

/**
 * Applies what lies in some gaps, in order. What is poison has its dead letter already, or was
 * passed over: nothing is written twice. What retention has taken away cannot be read, and the
 * position passes it.
 *
 * @returns Whether all are closed: false where it was stopped, or somebody opened them anew.
 */
export async function fillGaps(gaps: readonly Gap[], options: FillGapsOptions): Promise<boolean> {
  const { log, topic, maxRecords, stop, decode, apply, onFilled } = options;
  /** Partition → its gap, and how far that is closed. */
  const open = new Map(gaps.map((gap) => [gap.partition, { gap, at: gap.position }]));
  for (const { partition, isOtherTopic } of gaps) {
    if (!isOtherTopic) continue;
    const anew = { topic, partition, from: 0n, next: 0n, events: [], isOtherTopic };
    await apply(anew);
  }

  async function move(
    partition: number,
    next: bigint,
    read: Pick<ConsumedBatch, "events" | "lastTimestamp"> = { events: [] },
  ): Promise<boolean> {
    const place = open.get(partition)!;
    const { status } = await apply({ topic, partition, from: place.at, next, ...read });
    place.at = next;
    if (next >= place.gap.to) open.delete(partition);
    return status === "applied";
  }

  const offset = gaps.map(({ position }) => position).reduce((a, b) => a < b ? a : b);
  const reading = log.subscribe(topic, {
    from: { offset },
    until: "end",
    maxRecords,
    signal: stop,
  });
  for await (const batch of reading) {
    const place = open.get(batch.partition);
    if (place === undefined) continue;
    const { gap, at } = place;
    const records = batch.records.filter(({ offset }) => offset >= at && offset < gap.to);
    const last = records.at(-1);
    const isLast = batch.records.at(-1)!.offset + 1n >= gap.to;
    if (last !== undefined) {
      const { events } = await decode({ ...batch, records });
      const next = isLast ? gap.to : last.offset + 1n;
      if (!await move(gap.partition, next, { events, lastTimestamp: last.timestamp })) return false;
      onFilled(gap, records.length);
    } else if (isLast && !await move(gap.partition, gap.to)) return false;
    if (open.size === 0) return true;
  }
  if (stop.aborted) return false;
  for (const [partition, { gap }] of [...open]) {
    if (!await move(partition, gap.to)) return false;
  }
  return true;
}
