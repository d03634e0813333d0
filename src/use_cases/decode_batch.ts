import type { SearchedEvent } from "../domain/searched_event.ts";
import { type Clock, pause } from "../ports/clock.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { UnreadableEventError } from "../wire/decode_books_searched.ts";
import { isForOtherGroup } from "../wire/redriven_record.ts";
import type { PoisonCause } from "./dead_letters.ts";
import type { Stride } from "./forward_pace.ts";
import type { DecodeRecord } from "./shared_decoding.ts";

/** What a batch holds for a group. */
export interface DecodedBatch {
  readonly events: readonly SearchedEvent[];
  /** Records that will never be readable, in order. */
  readonly poison: readonly { readonly record: StoredRecord; readonly cause: PoisonCause }[];
}

/** A few milliseconds of work on the thread that answers searches. */
const mostAtOnce = 100;

/**
 * Decodes what is for this group, and lets requests in between. What does not decode is poison,
 * whatever the reason: decoding depends on the record only.
 */
export async function decodeBatch(
  batch: RecordBatch,
  group: string,
  { decode, clock, stride, stop }: {
    readonly decode: DecodeRecord;
    readonly clock: Clock;
    readonly stride: Stride;
    /** Ends pausing, not decoding. */
    readonly stop: AbortSignal;
  },
): Promise<DecodedBatch> {
  const events: SearchedEvent[] = [];
  const poison: DecodedBatch["poison"][number][] = [];
  const atOnce = Math.min(mostAtOnce, stride.records);
  for (const [index, record] of batch.records.entries()) {
    if (index > 0 && index % atOnce === 0) await pause(clock, stride.pauseMs, stop);
    if (isForOtherGroup(record.headers, group)) continue;
    try {
      const event = decode(batch, record);
      events.push(event instanceof Promise ? await event : event);
    } catch (error) {
      poison.push({ record, cause: causeOf(error) });
    }
  }
  return { events, poison };
}

function causeOf(error: unknown): PoisonCause {
  if (error instanceof UnreadableEventError) return { code: "unreadable", message: error.message };
  return { code: "unreadable", message: "Record cannot be decoded, wanted a search" };
}
