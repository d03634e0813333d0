/**
 * Writes record batches, for all clients alike: what they send is these bytes. In two passes, sizes
 * first, so that a batch is one piece of memory.
 */
import {
  afterChecksum,
  afterLength,
  type BatchSequence,
  formatVersion,
  frameBytes,
  type WireRecord,
} from "./batch_format.ts";
import { type Compression, pack } from "./compression.ts";
import { crc32c } from "./crc32c.ts";

const maxKnownNames = 1000;
const noSequence: BatchSequence = { producerId: -1n, producerEpoch: -1, first: -1 };

/** At least one record. The broker sets the offsets. */
export function encodeRecordBatch(
  records: readonly WireRecord[],
  compression: Compression = "none",
  sequence: BatchSequence = noSequence,
): Uint8Array {
  let [least, most] = [Infinity, 0];
  for (const { timestamp } of records) {
    if (timestamp < least) least = timestamp;
    if (timestamp > most) most = timestamp;
  }
  // Header names in the order in which both passes meet them.
  const names: Uint8Array[] = [];
  const sizes = records.map((record, n) => recordSize(record, n, record.timestamp - least, names));
  let size = frameBytes;
  for (const each of sizes) size += varintSize(each * 2) + each;
  const out = new Uint8Array(size);
  let at = frameBytes;
  let nextName = 0;
  for (let n = 0; n < records.length; n++) {
    const { key, value, headers, timestamp } = records[n]!;
    at = putVarint(out, at, sizes[n]! * 2);
    out[at++] = 0; // attributes: none are defined
    at = putVarint(out, at, (timestamp - least) * 2);
    at = putVarint(out, at, n * 2);
    at = putBytes(out, at, key);
    at = putBytes(out, at, value);
    at = putVarint(out, at, headers.length * 2);
    for (let header = 0; header < headers.length; header++) {
      at = putBytes(out, at, names[nextName++]!);
      at = putBytes(out, at, headers[header]![1]);
    }
  }
  const packed = pack(out.subarray(frameBytes), compression);
  if (packed === undefined) return framed(out, 0, records.length, least, most, sequence);
  const batch = new Uint8Array(frameBytes + packed.bytes.length);
  batch.set(packed.bytes, frameBytes);
  return framed(batch, packed.codec, records.length, least, most, sequence);
}

function framed(
  out: Uint8Array,
  codec: number,
  count: number,
  least: number,
  most: number,
  { producerId, producerEpoch, first }: BatchSequence,
): Uint8Array {
  const view = new DataView(out.buffer);
  view.setBigInt64(0, 0n); // base offset
  view.setInt32(8, out.length - afterLength);
  view.setInt32(12, -1); // leader epoch, the broker's to set
  view.setInt8(16, formatVersion);
  view.setInt16(21, codec); // attributes, else: the producer's timestamps, no transaction
  view.setInt32(23, count - 1);
  view.setBigInt64(27, BigInt(least));
  view.setBigInt64(35, BigInt(most));
  view.setBigInt64(43, producerId);
  view.setInt16(51, producerEpoch);
  view.setInt32(53, first);
  view.setInt32(57, count);
  view.setUint32(17, crc32c(out.subarray(afterChecksum)));
  return out;
}

function recordSize(
  { key, value, headers }: WireRecord,
  index: number,
  timestampDelta: number,
  names: Uint8Array[],
): number {
  let size = 1 + varintSize(timestampDelta * 2) + varintSize(index * 2) + bytesSize(key) +
    bytesSize(value) + varintSize(headers.length * 2);
  for (const [name, bytes] of headers) {
    const encoded = encodedName(name);
    names.push(encoded);
    size += bytesSize(encoded) + bytesSize(bytes);
  }
  return size;
}

const encoder = new TextEncoder();
const knownNames = new Map<string, Uint8Array>();

/** Names are few and come with every record. */
function encodedName(name: string): Uint8Array {
  let encoded = knownNames.get(name);
  if (encoded === undefined) {
    if (knownNames.size >= maxKnownNames) knownNames.clear();
    encoded = encoder.encode(name);
    knownNames.set(name, encoded);
  }
  return encoded;
}

const bytesSize = (bytes: Uint8Array | null): number =>
  bytes === null ? 1 : varintSize(bytes.length * 2) + bytes.length;

/** Length and bytes; null has the length -1. */
function putBytes(out: Uint8Array, at: number, bytes: Uint8Array | null): number {
  if (bytes === null) {
    out[at] = 1;
    return at + 1;
  }
  at = putVarint(out, at, bytes.length * 2);
  // A call of set() costs as much as some twenty bytes.
  if (bytes.length > 24) out.set(bytes, at);
  else for (let n = 0; n < bytes.length; n++) out[at + n] = bytes[n]!;
  return at + bytes.length;
}

/**
 * Seven bits a byte, the lowest first. Signed numbers are zigzag encoded, which for those from 0 on
 * is twice the number; no other comes here. Timestamps go beyond 32 bits.
 */
function putVarint(out: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    out[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  out[at] = value;
  return at + 1;
}

function varintSize(value: number): number {
  let size = 1;
  for (; value > 0x7f; value = Math.floor(value / 128)) size++;
  return size;
}
