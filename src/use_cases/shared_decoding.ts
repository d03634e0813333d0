/** Records that several consumers of a process read, each for itself, decoded once. */
import type { StoredRecord } from "../ports/event_record.ts";
import { type RecordPlace, searchedEventOf } from "./searched_event.ts";

/** Record → what it tells of. */
export type DecodeRecord = typeof searchedEventOf;

/**
 * So many records wait for the others who read them; those that waited longest go. Readers that let
 * events gather are half a second apart, which is more than 2,000 where many search.
 */
export const sharedRecordsMax = 4_000;

interface Decoded {
  readonly record: StoredRecord;
  readonly event: ReturnType<DecodeRecord>;
  /** How many have not come for it yet. */
  left: number;
}

/**
 * For so many readers of one topic, which mostly read the same at about the same time: whoever
 * comes first decodes, and what all have had is forgotten.
 *
 * A record is known by its place and by all that it consists of: a topic that was made anew has the
 * same places. What cannot be decoded is tried by each reader.
 */
export function shareDecoding(readers: number, decode = searchedEventOf): DecodeRecord {
  const decoded = new Map<string, Decoded>();

  return (place: RecordPlace, record: StoredRecord) => {
    const name = `${place.partition} ${record.offset}`;
    const known = decoded.get(name);
    if (known !== undefined && isSame(known.record, record)) {
      known.left -= 1;
      if (known.left === 0) decoded.delete(name);
      return known.event;
    }
    const event = decode(place, record);
    if (readers > 1) {
      // Deleted first, so that it stands behind all others.
      decoded.delete(name);
      decoded.set(name, { record, event, left: readers - 1 });
      if (decoded.size > sharedRecordsMax) {
        const [oldest = name] = decoded.keys();
        decoded.delete(oldest);
      }
    }
    return event;
  };
}

function isSame(one: StoredRecord, other: StoredRecord): boolean {
  return one === other || one.timestamp === other.timestamp &&
      one.exactTimestamp === other.exactTimestamp && areSame(one.key, other.key) &&
      areSame(one.value, other.value) && one.headers.length === other.headers.length &&
      one.headers.every(([name, value], index) => {
        const [otherName, otherValue] = other.headers[index] ?? [];
        return name === otherName && areSame(value, otherValue ?? null);
      });
}

function areSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
