/** The one check of what is published, for all queues. */
import { isDeadLetterTopic, topicNameFault } from "../domain/topic_name.ts";
import type { EventRecord, RecordHeader } from "./event_record.ts";
import { QueueError } from "./queue_error.ts";

const encoder = new TextEncoder();

/**
 * What a held record is taken to cost beyond its own bytes, for bounds of memory: objects, arrays,
 * promises. An allowance.
 */
export const recordOverheadBytes = 250;

/**
 * Checks what every queue demands of a topic's name and a record.
 *
 * @returns The size of key, value and headers in bytes.
 * @throws {QueueError} `invalid_record`: what is, and what is wanted.
 */
export function validateRecord(topic: string, record: EventRecord): number {
  validateTopic(topic);
  return validateContent(record);
}

/**
 * The same where the topic's name was checked before.
 *
 * @throws {QueueError} `invalid_record`
 */
export function validateContent(record: EventRecord): number {
  let bytes = 0;
  if (record.key !== undefined) bytes += keyBytes(record.key);
  if (record.value !== null) bytes += byteLength(record.value, () => "Value");
  if (record.headers !== undefined) bytes += headerBytes(record.headers);
  if (record.timestamp !== undefined) validateTimestamp(record.timestamp);
  return bytes;
}

function headerBytes(headers: readonly RecordHeader[]): number {
  let bytes = 0;
  for (const [name, value] of headers) {
    bytes += headerNameBytes(name);
    if (value !== null) bytes += byteLength(value, () => `Value of header ${JSON.stringify(name)}`);
  }
  return bytes;
}

/**
 * What a dead letter may be larger than its record: the headers that say why. An allowance; they
 * are less than 2 KiB.
 */
const deadLetterBytes = 4096;

/**
 * Checks a record's size for a log that has one limit for all topics. Topics for dead letters take
 * a little more, so that whatever was taken can become a dead letter.
 *
 * @param bytes As `validateRecord` gives them.
 * @throws {QueueError} `too_large`
 */
export function validateSize(topic: string, bytes: number, maxRecordBytes: number): void {
  const most = isDeadLetterTopic(topic) ? maxRecordBytes + deadLetterBytes : maxRecordBytes;
  if (bytes <= most) return;
  throw new QueueError("too_large", `Record has ${bytes} bytes, wanted at most ${most}`);
}

/** Checks a topic's name by Kafka's rule. @throws {QueueError} `invalid_record` */
export function validateTopic(topic: string): void {
  const fault = topicNameFault(topic);
  if (fault !== undefined) throw new QueueError("invalid_record", fault);
}

/**
 * Group names obey the rule of topic names: both become names of files. @throws {QueueError}
 * `invalid_record`
 */
export function validateGroup(group: string): void {
  const fault = topicNameFault(group);
  if (fault !== undefined) {
    throw new QueueError("invalid_record", fault.replace(/^Topic name/, "Group name"));
  }
}

/** The bytes of a key; text stands for its UTF-8 bytes. */
export function encodeKey(key: string | Uint8Array): Uint8Array {
  return typeof key === "string" ? encoder.encode(key) : key;
}

function keyBytes(key: string | Uint8Array): number {
  if (typeof key !== "string") return byteLength(key, () => "Key");
  // A lone surrogate has no UTF-8 form: it would silently become U+FFFD.
  if (!key.isWellFormed()) {
    throw new QueueError("invalid_record", "Key has a lone surrogate, wanted well-formed Unicode");
  }
  return utf8Bytes(key);
}

function headerNameBytes(name: unknown): number {
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) {
    throw new QueueError(
      "invalid_record",
      `Header name is ${JSON.stringify(name)}, wanted text of 1 to 249 UTF-8 bytes`,
    );
  }
  const bytes = utf8Bytes(name);
  if (bytes > 249) {
    throw new QueueError("invalid_record", `Header name has ${bytes} bytes, wanted 1 to 249`);
  }
  return bytes;
}

/**
 * The length of well-formed text in UTF-8, without encoding it: that is done once, by who stores
 * it.
 */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let n = 0; n < text.length; n++) {
    const unit = text.charCodeAt(n);
    if (unit > 0x7f) bytes += unit <= 0x7ff || isSurrogate(unit) ? 1 : 2;
  }
  return bytes;
}

/** One half of a character of four bytes. */
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** @param what Names the value in the error; called for nothing else, as most values are right. */
function byteLength(value: unknown, what: () => string): number {
  if (value instanceof Uint8Array) return value.length;
  const is = value === null ? "null" : typeof value;
  throw new QueueError("invalid_record", `${what()} is ${is}, wanted a Uint8Array`);
}

function validateTimestamp(timestamp: number): void {
  if (Number.isSafeInteger(timestamp) && timestamp >= 0) return;
  throw new QueueError(
    "invalid_record",
    `Timestamp is ${timestamp}, wanted a whole number of milliseconds since the epoch`,
  );
}
