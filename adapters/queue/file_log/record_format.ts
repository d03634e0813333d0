/** Records as they stand in a batch, one behind the other; their offsets follow from the batch's. */
import type { EventRecord, RecordHeader, StoredRecord } from "../../../src/ports/event_record.ts";
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
  record: EventRecord,
  timestamp: number,
): number {
  const headers = record.headers ?? [];
  let end = at + fixedBytes;
  const key = record.key === undefined ? noBytes : putText(record.key);
  const value = record.value === null ? noBytes : put(record.value);
  for (const [name, content] of headers) {
    const head = end;
    end += headerFixedBytes;
    view.setUint16(head, putText(name), true);
    view.setUint32(head + 2, put(content), true);
  }
  view.setUint32(at, end - at, true);
  writeUint64(view, at + 4, timestamp);
  view.setUint32(at + 12, key, true);
  view.setUint32(at + 16, value, true);
  view.setUint32(at + 20, headers.length, true);
  return end;

  function put(content: Uint8Array): number {
    bytes.set(content, end);
    end += content.length;
    return content.length;
  }

  function putText(text: string | Uint8Array): number {
    if (typeof text !== "string") return put(text);
    // Most keys and names are short and ASCII: then a loop is quicker than the call.
    let at = 0;
    while (at < text.length && text.charCodeAt(at) <= 0x7f) {
      bytes[end + at] = text.charCodeAt(at);
      at++;
    }
    if (at === text.length) {
      end += at;
      return at;
    }
    const { written } = encoder.encodeInto(text, bytes.subarray(end));
    end += written;
    return written;
  }
}

/**
 * Adds the records of a batch, whose checksum was right, to `records`. They are views of `body`: nothing is copied.
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
  for (let left = view.getUint32(start + 20, true); left > 0; left--) {
    const [nameBytes, valueBytes] = [view.getUint16(at, true), view.getUint32(at + 2, true)];
    at += headerFixedBytes;
    const name = decoder.decode(body.subarray(at, at += nameBytes));
    headers.push([name, body.subarray(at, at += valueBytes)]);
  }
  return { key, value, headers, timestamp: readUint64(view, start + 4), offset: BigInt(offset) };

  function take(length: number): Uint8Array | null {
    return length === noBytes ? null : body.subarray(at, at += length);
  }
}
