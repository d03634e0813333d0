import { isUuid } from "../domain/uuid.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import { originalTimestampHeader } from "../wire/dead_letter.ts";
import { eventIdOf } from "../wire/event_headers.ts";

/** What an event is known by, wherever it stands: 16 bytes. */
export type EventKey = Uint32Array;

/**
 * Set by whoever gave the record another timestamp than it had: who gives it up, and who has to
 * move it for the brokers.
 */
const originalTimestamps: readonly string[] = [originalTimestampHeader, "original-timestamp"];

/**
 * An id that is a UUID is its own key; of any other the hash is. A record without an id is known by
 * its key, value and timestamp: its place in one log says nothing about its place in another.
 */
export function eventKeyOf(record: StoredRecord): EventKey | Promise<EventKey> {
  const id = eventIdOf(record.headers);
  if (id !== undefined) return isUuid(id) ? uuidKey(id) : hash([new TextEncoder().encode(id)]);
  const { key, value, headers } = record;
  const moved = headers.find(([name]) => originalTimestamps.includes(name));
  const timestamp = moved === undefined
    ? record.timestamp
    : new TextDecoder().decode(moved[1] ?? undefined);
  const lengths = `record ${timestamp} ${key?.length ?? "no"} ${value?.length ?? "no"} `;
  return hash([
    new TextEncoder().encode(lengths),
    key ?? new Uint8Array(0),
    value ?? new Uint8Array(0),
  ]);
}

function uuidKey(id: string): EventKey {
  const digits = id.replaceAll("-", "");
  return Uint32Array.from([0, 8, 16, 24], (at) => parseInt(digits.slice(at, at + 8), 16));
}

async function hash(parts: readonly Uint8Array[]): Promise<EventKey> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint32Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 4);
}
