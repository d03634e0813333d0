import type { EventRecord, RecordHeader, StoredRecord } from "../ports/event_record.ts";

/** Why and where a record was given up. */
export interface DeadLetterCause {
  /** Where it was read. */
  readonly topic: string;
  readonly partition: number;
  /** The group that gave it up. */
  readonly group: string;
  /** A code out of few. */
  readonly reason: string;
  /** For people; no secrets. What is over 1 KiB is cut. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

const names = {
  topic: "dlq-original-topic",
  partition: "dlq-original-partition",
  offset: "dlq-original-offset",
  timestamp: "dlq-original-timestamp",
  group: "dlq-consumer-group",
  reason: "dlq-reason",
  message: "dlq-error-message",
  attempts: "dlq-attempts",
  firstFailedAt: "dlq-first-failed-at",
  lastFailedAt: "dlq-last-failed-at",
} as const;

const own: ReadonlySet<string> = new Set(Object.values(names));
const maxMessageBytes = 1024;
const encoder = new TextEncoder();

/** Names the timestamp that the record had where it was given up. */
export const originalTimestampHeader = names.timestamp;

/**
 * The record as a dead letter: key, value and headers untouched, and one set of headers that say
 * why. A dead letter that fails again gets them overwritten, but for the first failure's time; its
 * attempts are counted on. All of them are text, times ISO 8601, and together less than what a log
 * leaves for them (`validateSize`).
 */
export function deadLetterOf(record: StoredRecord, cause: DeadLetterCause): EventRecord {
  const previous = new Map(record.headers.filter(([name]) => own.has(name)));
  const before = (name: string): string | undefined => {
    const value = previous.get(name);
    return value ? new TextDecoder().decode(value) : undefined;
  };
  const failedAt = new Date(cause.failedAt).toISOString();
  const attempts = Number(before(names.attempts) ?? 0);
  const added: Record<string, string> = {
    [names.topic]: cause.topic,
    [names.partition]: `${cause.partition}`,
    [names.offset]: `${record.offset}`,
    [names.timestamp]: `${record.exactTimestamp ?? record.timestamp}`,
    [names.group]: cause.group,
    [names.reason]: cause.reason,
    [names.message]: cause.message,
    [names.attempts]: `${(Number.isSafeInteger(attempts) ? attempts : 0) + 1}`,
    [names.firstFailedAt]: before(names.firstFailedAt) ?? failedAt,
    [names.lastFailedAt]: failedAt,
  };
  return {
    ...(record.key !== null && { key: record.key }),
    value: record.value,
    headers: [
      ...record.headers.filter(([name]) => !own.has(name)),
      ...Object.entries(added).map(([name, text]): RecordHeader => [name, encode(text)]),
    ],
  };
}

/** Cuts between characters. */
function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(maxMessageBytes);
  return bytes.slice(0, encoder.encodeInto(text, bytes).written);
}
