/**
 * Record batches (format 2) as they come from a topic: what any producer has written, and the
 * broker's own marks.
 */
import {
  afterLength,
  attributeBits,
  formatVersion,
  frameBytes,
  type StoredRecord,
} from "./batch_format.ts";
import { createByteReader } from "./byte_reader.ts";
import { type LentUnpack, unpack } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { errorCodes, KafkaProtocolError } from "./protocol_error.ts";

export interface StoredBatch {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly attributes: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly count: number;
  /** As they are packed. */
  readonly packed: Uint8Array;
}

const { corruptMessage } = errorCodes;

/**
 * The last one may be cut off, and is then left out.
 *
 * @throws {KafkaProtocolError} for what is damaged, or older than Kafka 0.11.
 */
export function readBatches(bytes: Uint8Array): readonly StoredBatch[] {
  const batches: StoredBatch[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, size = 0; bytes.length - at >= frameBytes; at += size) {
    size = afterLength + view.getInt32(at + 8);
    if (view.getInt8(at + 16) !== formatVersion) {
      throw new KafkaProtocolError(errorCodes.unsupportedForMessageFormat, "Fetch");
    }
    if (size < frameBytes) throw new KafkaProtocolError(corruptMessage, "Fetch");
    if (size > bytes.length - at) break;
    batches.push(readBatch(bytes.subarray(at, at + size)));
  }
  return batches;
}

function readBatch(bytes: Uint8Array): StoredBatch {
  const reader = createByteReader(bytes);
  const firstOffset = reader.int64();
  reader.skip(9); // length, the leader's epoch, format
  const checksum = reader.int32() >>> 0;
  if (checksum !== crc32c(bytes.subarray(bytes.length - reader.left))) {
    throw new KafkaProtocolError(corruptMessage, "Fetch");
  }
  const attributes = reader.int16();
  const lastOffset = firstOffset + BigInt(reader.int32());
  const firstTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.int64();
  reader.skip(6); // the producer's epoch and sequence
  const count = reader.int32();
  return {
    firstOffset,
    lastOffset,
    attributes,
    firstTimestamp,
    maxTimestamp,
    producerId,
    count,
    packed: reader.bytes(reader.left),
  };
}

/** @throws {KafkaProtocolError} where they cannot be unpacked, or are not what the frame says. */
export async function readRecords(
  batch: StoredBatch,
  lent: LentUnpack,
): Promise<readonly StoredRecord[]> {
  try {
    const codec = batch.attributes & attributeBits.codec;
    return recordsIn(codec === 0 ? batch.packed : await unpack(batch.packed, codec, lent), batch);
  } catch (cause) {
    if (cause instanceof KafkaProtocolError) throw cause;
    throw new KafkaProtocolError(corruptMessage, "Fetch", { cause });
  }
}

function recordsIn(bytes: Uint8Array, batch: StoredBatch): readonly StoredRecord[] {
  const reader = createByteReader(bytes);
  const maybeBytes = (): Uint8Array | null => {
    const length = reader.varint();
    return length < 0 ? null : reader.bytes(length);
  };
  const brokersTime = timeOf(batch.maxTimestamp);
  const first = Number(batch.firstTimestamp);
  const hasBrokersTime = (batch.attributes & attributeBits.logAppendTime) !== 0;
  return Array.from({ length: batch.count }, () => {
    reader.varint(); // length
    reader.skip(1); // attributes: none are defined
    const delta = reader.varlong();
    const offset = batch.firstOffset + BigInt(reader.varint());
    const key = maybeBytes();
    const value = maybeBytes();
    const headers = Array.from({ length: reader.varint() }, () =>
      [
        reader.text(reader.varint()),
        maybeBytes(),
      ] as const);
    return {
      key,
      value,
      headers,
      ...(hasBrokersTime ? brokersTime : timeAt(batch.firstTimestamp, first, delta)),
      offset,
    };
  });
}

type RecordTime = Pick<StoredRecord, "timestamp" | "exactTimestamp">;

/** @param first The same as a number, which it is of nearly all. */
function timeAt(exactFirst: bigint, first: number, delta: number | bigint): RecordTime {
  const timestamp = first + Number(delta);
  if (typeof delta === "number" && Number.isSafeInteger(first + Math.abs(delta))) {
    return { timestamp };
  }
  return timeOf(BigInt.asIntN(64, exactFirst + BigInt(delta)));
}

function timeOf(exact: bigint): RecordTime {
  const timestamp = Number(exact);
  return Number.isSafeInteger(timestamp) ? { timestamp } : { timestamp, exactTimestamp: exact };
}
