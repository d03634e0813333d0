/**
 * Records as they stand in a batch, one behind the other; their offsets follow from the batch's.
 */
import type {
  EventRecord,
  RecordHeader,
  StoredRecord,
} from "../../../../src/ports/event_record.ts";
import { readUint64, viewOf, writeUint64 } from "./uint64.ts";

const fixedBytes = 24;
const headerFixedBytes = 6;
/** The length that stands for "null", which is not the same as no bytes. */
const noBytes = 0xffffffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param contentBytes Of key, value and headers together. */
export function encodedRecordBytes(record: EventRecord, contentBytes: number): number {
  return fixedBytes + (record.headers?.length ?? 0) * headerFixedBytes + contentBytes;
}

/** Writes a record at `at`, where there must be room for it, and returns where it ends. */
export function encodeRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { key, value, headers }: EventRecord,
  timestamp: number,
): number {
  let end = at + fixedBytes;
  if (key !== undefined) end = putText(bytes, end, key);
  view.setUint32(at + 12, key === undefined ? noBytes : end - at - fixedBytes, true);
  view.setUint32(at + 16, value === null ? noBytes : value.length, true);
  if (value !== null) {
    bytes.set(value, end);
    end += value.length;
  }
  view.setUint32(at + 20, headers?.length ?? 0, true);
  if (headers !== undefined) end = putHeaders(bytes, view, end, headers);
  view.setUint32(at, end - at, true);
  writeUint64(view, at + 4, timestamp);
  return end;
}

function putHeaders(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  headers: readonly RecordHeader[],
): number {
  let end = at;
  for (const [name, content] of headers) {
    const head = end;
    end = putText(bytes, head + headerFixedBytes, name);
    view.setUint16(head, end - head - headerFixedBytes, true);
    view.setUint32(head + 2, content === null ? noBytes : content.length, true);
    if (content === null) continue;
    bytes.set(content, end);
    end += content.length;
  }
  return end;
}

/** Returns where it ends. */
function putText(bytes: Uint8Array, at: number, text: string | Uint8Array): number {
  if (typeof text !== "string") {
    bytes.set(text, at);
    return at + text.length;
  }
  // Most keys and names are short and ASCII: then a loop is quicker than the call.
  for (let n = 0; n < text.length; n++) {
    const unit = text.charCodeAt(n);
    if (unit > 0x7f) return at + encoder.encodeInto(text, bytes.subarray(at)).written;
    bytes[at + n] = unit;
  }
  return at + text.length;
}

/**
 * Adds the records of a batch, whose checksum was right, to `records`. They are views of `body`:
 * nothing is copied.
 *
 * @param from Records below this offset are passed over.
 */
export function decodeRecords(
  body: Uint8Array,
  { baseOffset, count }: { readonly baseOffset: number; readonly count: number },
  from: number,
  records: StoredRecord[],
): void {
  const view = viewOf(body);
  let at = 0;
  for (let offset = baseOffset; offset < baseOffset + count; offset++) {
    if (offset >= from) records.push(decodeRecord(body, view, at, offset));
    at += view.getUint32(at, true);
  }
}

function decodeRecord(
  body: Uint8Array,
  view: DataView,
  start: number,
  offset: number,
): StoredRecord {
  let at = start + fixedBytes;
  const key = take(view.getUint32(start + 12, true));
  const value = take(view.getUint32(start + 16, true));
  const headers: RecordHeader[] = [];
  const count = view.getUint32(start + 20, true);
  for (let n = 0; n < count; n++) {
    const [nameBytes, valueBytes] = [view.getUint16(at, true), view.getUint32(at + 2, true)];
    at += headerFixedBytes;
    const name = nameAt(body, at, nameBytes, n);
    at += nameBytes;
    headers.push([name, take(valueBytes)]);
  }
  return { key, value, headers, timestamp: readUint64(view, start + 4), offset: BigInt(offset) };

  function take(length: number): Uint8Array | null {
    if (length === noBytes) return null;
    // What `subarray` does, in half its time.
    const taken = new Uint8Array(body.buffer, body.byteOffset + at, length);
    at += length;
    return taken;
  }
}

interface Name {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** What was decoded last as the name of a record's first header, of its second … */
const names: Name[] = [];
const namesMax = 32;
const nameBytesMax = 64;

/** Most records have the names of the one before, and to compare takes a tenth of decoding. */
function nameAt(body: Uint8Array, at: number, length: number, place: number): string {
  const known = names[place];
  if (known !== undefined && isName(known, body, at, length)) return known.text;
  const bytes = body.slice(at, at + length);
  const text = decoder.decode(bytes);
  if (place < namesMax && length <= nameBytesMax) names[place] = { bytes, text };
  return text;
}

function isName({ bytes }: Name, body: Uint8Array, at: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let n = 0; n < length; n++) if (bytes[n] !== body[at + n]) return false;
  return true;
}
