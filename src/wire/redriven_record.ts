/**
 * Dead letters on their way back: as they were, with a header that names the group for which they
 * come again. All other groups have handled the record, and pass over it.
 */
import type { EventRecord, RecordHeader, StoredRecord } from "../ports/event_record.ts";
import { deadLetterHeaders, isDeadLetterHeader, ownTexts } from "./dead_letter.ts";

/** What a record that goes back keeps, so that its attempts are counted on. */
const kept: ReadonlySet<string> = new Set([
  deadLetterHeaders.attempts,
  deadLetterHeaders.firstFailedAt,
]);

/**
 * A dead letter as the record that it was, to be published again for the group that gave it up:
 * key, value and headers untouched, with its own timestamp where it is one that a log takes. A
 * header names the group, so that all others pass over it (`isForOtherGroup`); attempts and the
 * first failure's time stay, so that they are counted on.
 */
export function redrivenRecord(letter: StoredRecord, group: string): EventRecord {
  const texts = ownTexts(letter.headers);
  const written = texts.get(deadLetterHeaders.timestamp) ?? "";
  const timestamp = /^\d+$/.test(written) ? Number(written) : -1;
  return {
    ...(letter.key !== null && { key: letter.key }),
    value: letter.value,
    headers: [
      ...letter.headers.filter(([name]) => !isDeadLetterHeader(name) || kept.has(name)),
      [deadLetterHeaders.redriveGroup, new TextEncoder().encode(group)],
    ],
    ...(Number.isSafeInteger(timestamp) && timestamp >= 0 && { timestamp }),
  };
}

/**
 * Whether a record went back to its topic for another group than this one, which passes over it.
 */
export function isForOtherGroup(headers: readonly RecordHeader[], group: string): boolean {
  for (const [name, value] of headers) {
    if (name === deadLetterHeaders.redriveGroup) {
      return new TextDecoder().decode(value ?? undefined) !== group;
    }
  }
  return false;
}

/**
 * The headers of a record as they were before it went back for this group, which alone knows of it:
 * who stands behind the group must not pass over the record.
 */
export function headersWithoutRedrive(
  headers: readonly RecordHeader[],
  group: string,
): readonly RecordHeader[] {
  if (!headers.some(([name]) => name === deadLetterHeaders.redriveGroup)) return headers;
  if (isForOtherGroup(headers, group)) return headers;
  return headers.filter(([name]) => !isDeadLetterHeader(name));
}
