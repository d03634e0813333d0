/** Records that several consumers of a process read, each for itself, decoded once. */
import type { StoredRecord } from "../ports/event_record.ts";
import { type RecordPlace, searchedEventOf } from "./searched_event.ts";

/** Record → what it tells of. */
export type DecodeRecord = typeof searchedEventOf;

/**
 * So many records wait for the others who read them; beyond, of the partition that has most of them
 * the one goes that has waited longest. Readers that let events gather are half a second apart,
 * which is more than 2,000 where many search.
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
  /** Partition → offset → what waits. */
  const partitions = new Map<number, Map<bigint, Decoded>>();
  let waiting = 0;

  function forget(decoded: Map<bigint, Decoded>, offset: bigint): void {
    if (decoded.delete(offset)) waiting -= 1;
  }

  /** Of the partition that waits with most. */
  function forgetOldest(): void {
    const most = [...partitions.values()].reduce((a, b) => a.size < b.size ? b : a);
    const [oldest] = most.keys();
    if (oldest !== undefined) forget(most, oldest);
  }

  return (place: RecordPlace, record: StoredRecord) => {
    const { offset } = record;
    const decoded = partitions.get(place.partition) ?? new Map<bigint, Decoded>();
    const known = decoded.get(offset);
    if (known !== undefined && isSame(known.record, record)) {
      known.left -= 1;
      if (known.left === 0) forget(decoded, offset);
      return known.event;
    }
    const event = decode(place, record);
    if (readers > 1) {
      partitions.set(place.partition, decoded);
      // Deleted first, so that it stands behind all others.
      forget(decoded, offset);
      decoded.set(offset, { record, event, left: readers - 1 });
      waiting += 1;
      if (waiting > sharedRecordsMax) forgetOldest();
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
  const { length } = one;
  if (length !== other.length) return false;
  let at = 0;
  if (length > longBytes) {
    const [view, otherView] = [viewOf(one), viewOf(other)];
    for (; at + 4 <= length; at += 4) {
      if (view.getInt32(at) !== otherView.getInt32(at)) return false;
    }
  }
  for (; at < length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** From so many on it pays to compare four at a time. */
const longBytes = 128;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
