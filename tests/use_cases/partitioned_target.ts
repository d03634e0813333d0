import type { DeliveryReport, EventQueue } from "../../src/ports/event_queue.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { QueueError, type QueueErrorCode } from "../../src/ports/queue_error.ts";
import { healthy } from "../../src/ports/queue_health.ts";

interface Held {
  readonly record: EventRecord;
  readonly resolve: (report: DeliveryReport) => void;
  readonly reject: (error: QueueError) => void;
}

/**
 * A queue with partitions that keeps the port's law of order, and does the rest when the test says
 * so.
 */
export interface PartitionedTarget extends EventQueue {
  /** What arrived, by partition, in order. */
  readonly arrived: readonly (readonly EventRecord[])[];
  /** What was published and not settled, by partition. */
  readonly held: readonly { readonly length: number }[];
  /** The most that was ever held. */
  readonly most: { records: number; bytes: number };
  deliver(partition: number, count?: number): void;
  /** Rejects all that the partition holds; with `arrives` its first record stands all the same. */
  giveUp(partition: number, code: QueueErrorCode, arrives?: boolean): void;
  /** Rejects one record for its own sake. */
  refuse(partition: number, code: QueueErrorCode): void;
}

export function createPartitionedTarget(partitions = 1): PartitionedTarget {
  const arrived = Array.from({ length: partitions }, (): EventRecord[] => []);
  const held = Array.from({ length: partitions }, (): Held[] => []);
  const most = { records: 0, bytes: 0 };

  function stand(partition: number, { record }: Held): DeliveryReport {
    arrived[partition]!.push(record);
    return {
      topic: "t",
      partition,
      offset: BigInt(arrived[partition]!.length - 1),
      timestamp: record.timestamp ?? 0,
    };
  }

  return {
    arrived,
    held,
    most,
    publish(_topic, record) {
      const [first = 0] = record.key as Uint8Array;
      const partition = first % partitions;
      return new Promise((resolve, reject) => {
        held[partition]!.push({ record, resolve, reject });
        const all = held.flat();
        most.records = Math.max(most.records, all.length);
        most.bytes = Math.max(
          most.bytes,
          all.reduce((sum, { record }) => sum + 250 + (record.value?.length ?? 0), 0),
        );
      });
    },
    deliver(partition, count = Infinity) {
      const now = held[partition]!.splice(0, count);
      for (const one of now) one.resolve(stand(partition, one));
    },
    giveUp(partition, code, arrives = false) {
      const now = held[partition]!.splice(0);
      if (arrives && now[0] !== undefined) stand(partition, now[0]);
      for (const { reject } of now) reject(new QueueError(code, "Given up"));
    },
    refuse(partition, code) {
      held[partition]!.shift()?.reject(new QueueError(code, "Refused"));
    },
    health: () => healthy,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
