/** Dead letters: the headers by which they say why and where a record was given up. */
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

/** The names of a dead letter's own headers. */
export const deadLetterHeaders = {
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
  /** Only of a record that went back: the group that it goes back for. */
  redriveGroup: "dlq-redrive-group",
} as const;

const own: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders));
const maxMessageBytes = 1024;
const encoder = new TextEncoder();

/** Names the timestamp that the record had where it was given up. */
export const originalTimestampHeader = deadLetterHeaders.timestamp;

/**
 * The record as a dead letter: key, value and headers untouched, and one set of headers that say
 * why. A dead letter that fails again gets them overwritten, but for the first failure's time; its
 * attempts are counted on. All of them are text, times ISO 8601, and together less than what a log
 * leaves for them (`validateSize`).
 */
export function deadLetterOf(record: StoredRecord, cause: DeadLetterCause): EventRecord {
  const before = ownTexts(record.headers);
  const failedAt = new Date(cause.failedAt).toISOString();
  const added: Record<string, string> = {
    [deadLetterHeaders.topic]: cause.topic,
    [deadLetterHeaders.partition]: `${cause.partition}`,
    [deadLetterHeaders.offset]: `${record.offset}`,
    [deadLetterHeaders.timestamp]: `${record.exactTimestamp ?? record.timestamp}`,
    [deadLetterHeaders.group]: cause.group,
    [deadLetterHeaders.reason]: cause.reason,
    [deadLetterHeaders.message]: cause.message,
    [deadLetterHeaders.attempts]: `${attemptsIn(before) + 1}`,
    [deadLetterHeaders.firstFailedAt]: before.get(deadLetterHeaders.firstFailedAt) ?? failedAt,
    [deadLetterHeaders.lastFailedAt]: failedAt,
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

/** What a dead letter says of itself; absent is what it does not say. */
export interface DeadLetterNote {
  readonly topic?: string;
  readonly partition?: string;
  readonly offset?: string;
  readonly group?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastFailedAt?: string;
  /** How often it was given up; 0 where it does not say. */
  readonly attempts: number;
}

export function readDeadLetter({ headers }: Pick<StoredRecord, "headers">): DeadLetterNote {
  const texts = ownTexts(headers);
  const note: { -readonly [Name in keyof DeadLetterNote]: DeadLetterNote[Name] } = {
    attempts: attemptsIn(texts),
  };
  for (
    const name of [
      "topic",
      "partition",
      "offset",
      "group",
      "reason",
      "message",
      "lastFailedAt",
    ] as const
  ) {
    const text = texts.get(deadLetterHeaders[name]);
    if (text !== undefined) note[name] = text;
  }
  return note;
}

/** Whether a header is a dead letter's own, by its name. */
export const isDeadLetterHeader = (name: string): boolean => own.has(name);

/** Its own headers as texts. */
export function ownTexts(headers: readonly RecordHeader[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of headers) {
    if (own.has(name) && value !== null) texts.set(name, new TextDecoder().decode(value));
  }
  return texts;
}

function attemptsIn(texts: ReadonlyMap<string, string>): number {
  const attempts = Number(texts.get(deadLetterHeaders.attempts) ?? 0);
  return Number.isSafeInteger(attempts) ? attempts : 0;
}

/** Cuts between characters. */
function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(maxMessageBytes);
  return bytes.slice(0, encoder.encodeInto(text, bytes).written);
}
