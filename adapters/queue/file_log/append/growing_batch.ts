/** A batch while it gathers records: what the writer makes and the disk has not seen. */
import type { DeliveryReport } from "../../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../../src/ports/event_record.ts";
import type { QueueError } from "../../../../src/ports/queue_error.ts";
import { aligned, batchHeaderBytes, sealBatch } from "../format/batch_format.ts";
import { encodeRecord } from "../format/record_format.ts";
import { viewOf } from "../format/uint64.ts";

/**
 * Records on their way to the disk, encoded one behind the other into the bytes that will be
 * written.
 */
export interface GrowingBatch {
  readonly count: number;
  /** Of header and records. */
  readonly bytes: number;
  /** Room for `encodedBytes` must be checked by the caller, against its own bound. */
  add(record: EventRecord, encodedBytes: number, timestamp: number): Promise<DeliveryReport>;
  /** The bytes to write: a view that is good until the batch is forgotten. */
  seal(baseOffset: number, time: number, seed: number): Uint8Array;
  /** Resolves the reports, in order. */
  accept(baseOffset: number): void;
  reject(error: QueueError): void;
  /**
   * What the records were encoded into, for the next batch; only once nobody writes this one any
   * more.
   */
  readonly buffer: Uint8Array<ArrayBuffer>;
}

const firstCapacity = 16 * 1024;

/** @param given Used where it has room; its contents do not matter. */
export function createGrowingBatch(
  topic: string,
  given: Uint8Array<ArrayBuffer> = new Uint8Array(firstCapacity),
): GrowingBatch {
  let buffer = given;
  let view = viewOf(buffer);
  let end = batchHeaderBytes;
  let count = 0;
  // One for all records, from which each derives its report: that makes half the garbage of a
  // promise that is made by hand.
  const placed = Promise.withResolvers<number>();

  function makeRoom(encodedBytes: number): void {
    const wanted = aligned(end + encodedBytes);
    if (wanted <= buffer.length) return;
    const larger = new Uint8Array(Math.max(wanted, buffer.length * 2));
    larger.set(buffer.subarray(0, end));
    buffer = larger;
    view = viewOf(buffer);
  }

  return {
    get count() {
      return count;
    },
    get bytes() {
      return end;
    },
    add(record, encodedBytes, timestamp) {
      makeRoom(encodedBytes);
      end = encodeRecord(buffer, view, end, record, timestamp);
      const index = count++;
      return placed.promise.then((baseOffset) => ({
        topic,
        partition: 0,
        offset: BigInt(baseOffset + index),
        timestamp,
      }));
    },
    seal(baseOffset, time, seed) {
      const bytes = buffer.subarray(0, aligned(end)).fill(0, end);
      const head = { count: count, baseOffset, syncedThrough: baseOffset, time };
      sealBatch(bytes, head, seed);
      return bytes;
    },
    accept: placed.resolve,
    reject: placed.reject,
    get buffer() {
      return buffer;
    },
  };
}
