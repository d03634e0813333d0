/** What is told of forwarding: numbers, and lines in the log. */
import type { DeliveryReport } from "../ports/event_queue.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { eventIdOf } from "../wire/event_headers.ts";
import type { EventReceipts } from "./event_receipts.ts";
import type { GroupHealth } from "./group_health.ts";

/** Hears what happens in a pass, as it happens. Nothing of it throws or waits. */
export interface ForwardObserver {
  /** Batches of the buffer, in order. */
  read(batch: RecordBatch): void;
  /** How many records are read and not committed. */
  underWay(records: number): void;
  delivered(record: StoredRecord, report: DeliveryReport): void;
  /** Its dead letter is durable. */
  deadLettered(record: StoredRecord, reason: string): void;
  /** What is before `position` is behind the group's commit. */
  committed(position: bigint): void;
  /** A commit failed, and is repeated. */
  commitFailed(error: unknown): void;
  /** The pass cannot go on; what is under way is awaited. */
  failed(error: unknown): void;
}

/** How far forwarding has come, over all passes: told to receipts, metrics and health. */
export interface ForwardProgress extends ForwardObserver {
  passBegins(): void;
  /** Whether the pass has brought anything on. */
  readonly hasMoved: boolean;
  /** Where the group stands; undefined until something was read. */
  readonly position: bigint | undefined;
  /** The buffer's end was seen to be there. */
  sawEnd(end: bigint): void;
  /**
   * Of what was there when it read last: while the window is full there may be more. Offsets, which
   * may jump.
   */
  readonly lag: number;
}

export interface ForwardProgressOptions {
  readonly topic: string;
  readonly receipts: Pick<EventReceipts, "delivered" | "deadLettered" | "skipped">;
  readonly telemetry: Telemetry;
  readonly health: GroupHealth;
}

export function createForwardProgress(options: ForwardProgressOptions): ForwardProgress {
  const { topic, receipts, telemetry, health } = options;
  let position: bigint | undefined;
  let end = 0n;
  let hasMoved = false;
  /** The offset behind what this pass has read. */
  let readTo: bigint | undefined;

  const lag = (): number => Number(end - (position ?? end));
  const tellLag = (): void => telemetry.gauge("shelfcast.forwarder.lag_records", lag(), { topic });

  return {
    passBegins() {
      health.passBegins();
      hasMoved = false;
      readTo = undefined;
    },
    read({ records, end: seenEnd }) {
      const [first, last] = [records[0]!.offset, records.at(-1)!.offset];
      // What is missing before the first may have been brought on by another process, which had the
      // group's place.
      if (readTo === undefined) position = first;
      else if (first > readTo) receipts.skipped(readTo, first);
      readTo = last + 1n;
      end = seenEnd;
      tellLag();
    },
    underWay: (records) =>
      telemetry.gauge("shelfcast.forwarder.window_records", records, { topic }),
    delivered({ headers }, report) {
      hasMoved = true;
      health.goesWell();
      telemetry.count("shelfcast.forwarder.delivered");
      const id = eventIdOf(headers);
      if (id !== undefined) receipts.delivered(id, report);
    },
    deadLettered({ headers }, reason) {
      health.goesWell();
      telemetry.count("shelfcast.forwarder.dead_lettered", { reason });
      const id = eventIdOf(headers);
      if (id !== undefined) receipts.deadLettered(id, reason);
    },
    committed(through) {
      hasMoved = true;
      health.commits();
      position = through;
      tellLag();
    },
    commitFailed: health.commitFails,
    failed: health.passFails,
    sawEnd(seenEnd) {
      end = seenEnd;
    },
    get hasMoved() {
      return hasMoved;
    },
    get position() {
      return position;
    },
    get lag() {
      return lag();
    },
  };
}
