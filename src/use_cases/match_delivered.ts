/** Finding every forwarded event of the buffer in the topic that it went to. */
import type { StoredRecord } from "../ports/event_record.ts";
import type { EventSource } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { PartitionExtent, ReadTopicExtent } from "../ports/topic_extent.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { eventIdOf } from "../wire/event_headers.ts";
import { eventKeyOf } from "./event_key.ts";
import { createEventTally, type EventTally } from "./event_tally.ts";

export interface MatchDeliveredOptions {
  /** The log that was forwarded from. */
  readonly buffer: EventSource;
  /** What was forwarded to. */
  readonly target: EventSource;
  readonly readExtent: ReadTopicExtent;
  /** Of both. */
  readonly topic: string;
  /** The forwarder's, read before this is called: what is behind it is still to come. */
  readonly position: bigint;
  /**
   * How many of the oldest records of the buffer were never to be forwarded: they are passed over.
   */
  readonly passOver: number;
  /** How many records are before the position, about: memory is allotted for so many. */
  readonly expected: number;
  /** The most missing events that are named. */
  readonly maxNamed: number;
  /** Called with each batch, for a caller who wants to know that it goes on. */
  readonly onRead: () => void;
  readonly signal: AbortSignal;
}

/** What became of the events of the buffer before the forwarder's position. */
export interface DeliveryMatch {
  /** Different events: found + dead-lettered + missing + not comparable. */
  readonly compared: number;
  readonly found: number;
  /** Not in the topic, and among the dead letters. */
  readonly deadLettered: number;
  /** In neither, though the topic still holds all of their time. */
  readonly missing: number;
  /** The first of them, in the order of the buffer. */
  readonly missingEvents: readonly MissingEvent[];
  /** Not in the topic, where they may be or have been for all that can be seen. */
  readonly notComparable: number;
  /** Why not; the sum is `notComparable`. */
  readonly because: Readonly<Record<NotComparable, number>>;
  /** How many offsets the topic has given in all; fewer than events: it was made again. */
  readonly given: number;
  /** Occurrences in the topic beyond an event's first. */
  readonly duplicates: number;
  /** Records of the buffer whose event stood in it before. */
  readonly repeatedInBuffer: number;
  /**
   * Records of the topic whose event is not among the compared: older, on their way, or of others.
   */
  readonly others: number;
}

/**
 * Retention has taken records of their time away; a compacted topic keeps the newest record of a
 * key; somebody's open transaction hides as many records as there are; the topic gives records its
 * own times, by which events without an id are known.
 */
export type NotComparable = "retention" | "compaction" | "transaction" | "times";

export interface MissingEvent {
  /** Absent where its record has none. */
  readonly id?: string;
  /** In the buffer. */
  readonly offset: bigint;
  /** Of the record, milliseconds since the epoch. */
  readonly timestamp: number;
}

/**
 * Matches events by what they are known by (`event_key.ts`). Reads both topics from their
 * beginnings, joins no group and stores nothing; beside the events' keys it holds a batch of
 * records.
 *
 * @throws {QueueError} by rejection, where either cannot be read; `aborted`.
 */
export async function matchDelivered(options: MatchDeliveredOptions): Promise<DeliveryMatch> {
  const { readExtent, topic, maxNamed } = options;
  // First: a cluster that is away is told before a million records are read.
  const before = await readExtent(topic);
  const tally = createEventTally(options.expected);
  let repeatedInBuffer = 0;
  for await (const record of forwarded(options)) {
    if (!tally.add(await eventKeyOf(record))) repeatedInBuffer += 1;
  }
  await markDeadLetters(options, tally);
  const { others, completeSince, after } = await findIn(options, tally);
  const { found, repeats: duplicates, deadLettered, missing: unfound } = tally.summary();
  const candidates: MissingEvent[] = [];
  const because = { retention: 0, compaction: 0, transaction: 0, times: 0 };
  const isCompacted = after.some((partition) => partition.isCompacted);
  const givesTimes = after.some((partition) => partition.givesTimes);
  let missing = 0;
  if (unfound > 0) {
    for await (const record of forwarded(options)) {
      if (!tally.takeMissing(await eventKeyOf(record))) continue;
      const { offset, timestamp } = record;
      const id = eventIdOf(record.headers);
      if (isCompacted) because.compaction += 1;
      else if (id === undefined && givesTimes) because.times += 1;
      else if (timestamp <= completeSince) because.retention += 1;
      else {
        missing += 1;
        const event = { offset, timestamp, ...(id !== undefined && { id }) };
        if (candidates.length < maxNamed) candidates.push(event);
      }
    }
  }
  // What is held back came last.
  because.transaction = Math.min(missing, Math.max(heldBack(before), heldBack(after)));
  missing -= because.transaction;
  return {
    compared: tally.size,
    found,
    deadLettered,
    missing,
    missingEvents: candidates.slice(0, missing),
    notComparable: unfound - missing,
    because,
    given: after.reduce((sum, { end }) => sum + Number(end), heldBack(after)),
    duplicates,
    repeatedInBuffer,
    others,
  };
}

const heldBack = (extents: readonly PartitionExtent[]): number =>
  extents.reduce((sum, { heldBack = 0n }) => sum + Number(heldBack), 0);

/** The records of the buffer that are before the position. */
async function* forwarded(
  { buffer, topic, position, passOver, signal, onRead }: MatchDeliveredOptions,
): AsyncGenerator<StoredRecord> {
  let left = passOver;
  for await (const record of recordsOf(buffer, topic, signal, onRead)) {
    if (record.offset >= position) return;
    if (left > 0) left -= 1;
    else yield record;
  }
}

async function* recordsOf(
  source: EventSource,
  topic: string,
  signal: AbortSignal,
  onRead: () => void,
): AsyncGenerator<StoredRecord> {
  const reading = source.subscribe(topic, { from: "earliest", until: "end", signal });
  for await (const { records } of reading) {
    onRead();
    yield* records;
  }
  if (signal.aborted) throw stopped();
}

async function markDeadLetters(
  { buffer, topic, signal, onRead }: MatchDeliveredOptions,
  tally: EventTally,
): Promise<void> {
  try {
    for await (const record of recordsOf(buffer, deadLetterTopic(topic), signal, onRead)) {
      tally.markDeadLettered(await eventKeyOf(record));
    }
  } catch (error) {
    // There was never one.
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
  }
}

interface FoundInTopic {
  readonly others: number;
  /** The topic still holds all that it took later than this, milliseconds since the epoch. */
  readonly completeSince: number;
  /** As it is behind the reading. */
  readonly after: readonly PartitionExtent[];
}

async function findIn(
  { target, readExtent, topic, signal, onRead }: MatchDeliveredOptions,
  tally: EventTally,
): Promise<FoundInTopic> {
  const oldest = new Map<number, number>();
  let others = 0;
  const reading = target.subscribe(topic, { from: "earliest", until: "end", signal });
  onRead();
  for await (const { partition, records } of reading) {
    onRead();
    if (!oldest.has(partition)) oldest.set(partition, records[0]?.timestamp ?? Infinity);
    for (const record of records) if (!tally.find(await eventKeyOf(record))) others += 1;
  }
  if (signal.aborted) throw stopped();
  // Asked for behind it: what was taken away meanwhile counts. An event may have been in any
  // partition, and of one that is empty now nobody knows what it held.
  const after = await readExtent(topic);
  const since = after.map(({ partition, begin }) =>
    begin === 0n ? -Infinity : oldest.get(partition) ?? Infinity
  );
  return { others, completeSince: Math.max(-Infinity, ...since), after };
}

function stopped(): QueueError {
  return new QueueError("aborted", "Matching was stopped before it was done");
}
