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

/** A millisecond or two of work on the thread that answers searches. */
const mostAtOnce = { records: 100, bytes: 128 * 1024 };

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
  const most = Math.min(mostAtOnce.records, stride.records);
  let [records, bytes] = [0, 0];
  for (const record of batch.records) {
    if (records >= most || bytes >= mostAtOnce.bytes) {
      await pause(clock, stride.pauseMs, stop);
      [records, bytes] = [0, 0];
    }
    records += 1;
    bytes += record.value?.length ?? 0;
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
