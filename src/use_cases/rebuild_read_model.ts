/** Makes a read model anew, from all that a topic holds. */
import type { Clock } from "../ports/clock.ts";
import type { EventSource } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { ReadModel } from "../ports/read_model.ts";
import { applyBatch } from "./ask_store.ts";
import { decodeBatch } from "./decode_batch.ts";
import { searchedEventOf } from "./searched_event.ts";

/** How far a rebuild is. */
export interface RebuildProgress {
  /** Records, of all partitions that have been seen. */
  readonly read: number;
  /** What they held when they were seen first. */
  readonly total: number;
  /** Events that have their effects. */
  readonly applied: number;
  /** Records that are no searches; they have their dead letters, if their group came by. */
  readonly unreadable: number;
}

export interface RebuildOptions {
  readonly log: EventSource;
  readonly topic: string;
  /** Of the consumer: what came again for another group is passed over. */
  readonly group: string;
  readonly model: ReadModel;
  readonly clock: Clock;
  /** Ends it, where it is. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
  /** The store refused; it is asked again. */
  readonly onFault: (error: unknown) => void;
}

const patienceMs = 60_000;
/** Nobody is answered on this thread. */
const stride = { records: Infinity, pauseMs: 0, underWay: Infinity };

/**
 * Clears a read model and reads all that the topic holds, without a group. A consumer may run
 * meanwhile: what either of them has applied is known to the other, and a rebuild that ends early
 * is noticed by the consumer, which then reads the rest.
 *
 * @throws {QueueError} by rejection, where the topic cannot be read.
 */
export async function rebuildReadModel(options: RebuildOptions): Promise<RebuildProgress> {
  const { log, topic, group, model, clock, stop, onProgress, onFault } = options;
  const store = { model, clock, random: () => 1, stop, onFault, patienceMs };
  /** Partition → up to where it is applied. */
  const places = new Map<number, bigint>();
  let progress: RebuildProgress = { read: 0, total: 0, applied: 0, unreadable: 0 };
  await model.clear();
  const reading = log.subscribe(topic, { from: "earliest", until: "end", signal: stop });
  for await (const batch of reading) {
    const [first, last] = [batch.records[0]!.offset, batch.records.at(-1)!];
    const from = places.get(batch.partition);
    const { events, poison } = await decodeBatch(batch, group, {
      decode: searchedEventOf,
      clock,
      stride,
      stop,
    });
    const outcome = await applyBatch({
      topic,
      partition: batch.partition,
      from: from ?? 0n,
      next: last.offset + 1n,
      lastTimestamp: last.timestamp,
      events,
    }, store);
    if (outcome.status === "gap") {
      throw new QueueError("unavailable", "Read model was cleared meanwhile, wanted one rebuild");
    }
    places.set(batch.partition, last.offset + 1n);
    progress = {
      read: progress.read + batch.records.length,
      total: progress.total + (from === undefined ? Number(batch.end - first) : 0),
      applied: progress.applied + outcome.applied,
      unreadable: progress.unreadable + poison.length,
    };
    onProgress(progress);
  }
  return progress;
}
