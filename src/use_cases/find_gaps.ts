/**
 * Where a read model stands, against where its group goes on: what lies between has not been
 * consumed here. So it is where the database was restored from an older copy, emptied or deleted,
 * and where the topic was deleted and made again.
 */
import type { EventSource } from "../ports/event_source.ts";
import type { ConsumedPosition } from "../ports/read_model.ts";

/** Records of one partition that have to be read again, without the group. */
export interface Gap {
  readonly partition: number;
  /** What is before it has been consumed. */
  readonly position: bigint;
  /** The group goes on from here. */
  readonly to: bigint;
  /** The position was another topic's, of the same name. */
  readonly isOtherTopic: boolean;
}

/**
 * The gaps of some partitions.
 *
 * @param places Partition → where the group goes on.
 * @param others Partitions whose topic is known to be another than that of the positions.
 */
export function gapsBetween(
  topic: string,
  positions: readonly ConsumedPosition[],
  places: ReadonlyMap<number, bigint>,
  others: ReadonlySet<number>,
): readonly Gap[] {
  const known = new Map(
    positions.filter((one) => one.topic === topic).map((one) => [one.partition, one.position]),
  );
  return [...places].flatMap(([partition, to]) => {
    const isOtherTopic = others.has(partition);
    const position = isOtherTopic ? 0n : known.get(partition) ?? 0n;
    return position < to || isOtherTopic ? [{ partition, position, to, isOtherTopic }] : [];
  });
}

/**
 * Whether the topic is another one than a position was stored for: the record before the position
 * has another time than was stored, or the topic ends before it. Where retention has taken that
 * record away nothing can be told, and it is taken for the same.
 */
export async function isOtherTopic(
  source: EventSource,
  { topic, partition, position, lastTimestamp }: ConsumedPosition,
  signal: AbortSignal,
): Promise<boolean> {
  if (position === 0n || lastTimestamp === undefined) return false;
  const from = { offset: position - 1n };
  let place = position;
  const onPlace = (places: ReadonlyMap<number, bigint>): void => {
    place = places.get(partition) ?? place;
  };
  for await (const batch of source.subscribe(topic, { from, until: "end", signal, onPlace })) {
    if (batch.partition !== partition) continue;
    const [record] = batch.records;
    return record!.offset === from.offset && record!.timestamp !== lastTimestamp;
  }
  return !signal.aborted && place < position;
}
