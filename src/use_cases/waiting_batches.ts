/**
 * Batches that were read and decoded while the ones before them are applied. Those that go on from
 * each other are applied as one: what a transaction costs is paid once for all of them.
 */
import type { SearchedEvent } from "../domain/searched_event.ts";
import { contentBytes, type StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import type { DecodedBatch } from "./decode_batch.ts";

/** A batch, and what it holds for the group. */
export interface WaitingBatch extends DecodedBatch {
  readonly batch: RecordBatch;
}

/** Batches of one partition, in order; at least one. */
export interface BatchesTogether {
  readonly partition: number;
  readonly first: StoredRecord;
  readonly last: StoredRecord;
  readonly events: readonly SearchedEvent[];
  readonly parts: readonly WaitingBatch[];
}

/** In the order in which they were read. */
export interface WaitingBatches {
  add(waiting: WaitingBatch): void;
  /** So much waits that no more should be read. */
  readonly isFull: boolean;
  readonly isEmpty: boolean;
  /** Takes what was read first, with all that goes on from it; there must be some. */
  take(): BatchesTogether;
}

/** Of keys and values; records may be large. */
const mostBytes = 2_000_000;

/** @param mostRecords It is full when so many wait. */
export function createWaitingBatches(mostRecords: number): WaitingBatches {
  let waiting: WaitingBatch[] = [];
  let records = 0;
  let bytes = 0;

  return {
    add(one) {
      waiting.push(one);
      records += one.batch.records.length;
      bytes += contentBytes(one.batch.records);
    },
    get isFull() {
      return records >= mostRecords || bytes >= mostBytes;
    },
    get isEmpty() {
      return waiting.length === 0;
    },
    take() {
      const { partition } = waiting[0]!.batch;
      const parts: WaitingBatch[] = [];
      const others: WaitingBatch[] = [];
      let isBroken = false;
      for (const one of waiting) {
        const isOurs = one.batch.partition === partition;
        isBroken ||= isOurs && !goesOn(parts.at(-1), one);
        (isOurs && !isBroken ? parts : others).push(one);
      }
      waiting = others;
      for (const { batch } of parts) {
        records -= batch.records.length;
        bytes -= contentBytes(batch.records);
      }
      return {
        partition,
        first: parts[0]!.batch.records[0]!,
        last: parts.at(-1)!.batch.records.at(-1)!,
        events: parts.flatMap(({ events }) => events),
        parts,
      };
    },
  };
}

/** A partition that was lost and came back is read again from before. */
const goesOn = (before: WaitingBatch | undefined, { batch }: WaitingBatch): boolean =>
  before === undefined || before.batch.records.at(-1)!.offset < batch.records[0]!.offset;
