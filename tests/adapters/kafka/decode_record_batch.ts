/** A second reader of record batches, as strict as a broker, to judge what is encoded. */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { WireRecord } from "../../../adapters/queue/kafka/wire/batch_format.ts";
import { crc32c } from "../../../adapters/queue/kafka/wire/crc32c.ts";

export interface DecodedBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly records: readonly WireRecord[];
}

/** Reads a record batch as a broker does, and checks what it checks. */
export function decodeRecordBatch(bytes: Uint8Array): DecodedBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wanted = { length: bytes.length - 12, format: 2, checksum: crc32c(bytes.subarray(21)) };
  const found = {
    length: view.getInt32(8),
    format: view.getInt8(16),
    checksum: view.getUint32(17),
  };
  for (const [what, value] of Object.entries(wanted)) {
    const is = found[what as keyof typeof found];
    if (is !== value) throw new Error(`Record batch has ${what} ${is}, wanted ${value}`);
  }
  const count = view.getInt32(57);
  if (view.getInt32(23) !== count - 1) {
    throw new Error("Last offset is not that of the last record");
  }
  const baseTimestamp = Number(view.getBigInt64(27));
  const reader = { bytes: unpacked(bytes.subarray(61), view.getInt16(21)), at: 0 };
  const records = Array.from({ length: count }, (_, n) => decodeRecord(reader, n, baseTimestamp));
  if (reader.at !== reader.bytes.length) {
    throw new Error(`${reader.bytes.length - reader.at} bytes are left over`);
  }
  const most = Math.max(...records.map(({ timestamp }) => timestamp));
  if (Number(view.getBigInt64(35)) !== most) {
    throw new Error("Latest timestamp is none of a record");
  }
  return {
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    firstSequence: view.getInt32(53),
    records,
  };
}

function unpacked(bytes: Uint8Array, attributes: number): Uint8Array {
  const unpack = [(plain: Uint8Array) => plain, gunzipSync, , , zstdDecompressSync][attributes];
  if (unpack === undefined) throw new Error(`Record batch has unknown attributes ${attributes}`);
  return new Uint8Array(unpack(bytes));
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function decodeRecord(reader: Reader, index: number, baseTimestamp: number): WireRecord {
  const end = readVarint(reader) + reader.at;
  reader.at++; // attributes
  const timestamp = baseTimestamp + readVarint(reader);
  if (readVarint(reader) !== index) throw new Error(`Record ${index} has another offset`);
  const key = readBytes(reader);
  const value = readBytes(reader);
  const headers = Array.from({ length: readVarint(reader) }, () =>
    [
      new TextDecoder().decode(readBytes(reader) ?? undefined),
      readBytes(reader) ?? new Uint8Array(0),
    ] as const);
  if (reader.at !== end) throw new Error(`Record ${index} ends at ${reader.at}, wanted ${end}`);
  return { key, value, headers, timestamp };
}

function readBytes(reader: Reader): Uint8Array | null {
  const length = readVarint(reader);
  if (length < 0) return null;
  reader.at += length;
  return reader.bytes.slice(reader.at - length, reader.at);
}

function readVarint(reader: Reader): number {
  let zigzag = 0n;
  for (let shift = 0n;; shift += 7n) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw new Error("Record batch ends within a number");
    zigzag |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number((zigzag >> 1n) ^ -(zigzag & 1n));
  }
}
