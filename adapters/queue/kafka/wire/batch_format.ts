/**
 * The wing `wire` is bytes: records, batches and answers in Kafka's formats, written and read once
 * for all clients. It knows no connection, no client library and no clock. What is damaged it tells
 * with the protocol's own error codes.
 *
 * This file is what the writer and the reader of record batches share: format 2, as in
 * https://kafka.apache.org/documentation/#recordbatch.
 */
import type { RecordHeader } from "../../../../src/ports/event_record.ts";

/** A record as it goes over the wire. Headers keep their order, also where names repeat. */
export interface WireRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  readonly timestamp: number;
}

/** A record as it stands in a partition. */
export interface StoredRecord extends WireRecord {
  readonly offset: bigint;
  /** Its time, where a number does not hold it exactly. */
  readonly exactTimestamp?: bigint;
}

/** A producer whose batches are numbered. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/**
 * By which a broker knows a batch that it has appended already: who wrote it, and the number of its
 * first record.
 */
export interface BatchSequence extends ProducerIdentity {
  readonly first: number;
}

export const formatVersion = 2;
/** All that stands before the records: up to and with their count. */
export const frameBytes = 61;
/** Where the batch's length begins to count. */
export const afterLength = 12;
/** Where the checksum begins to count. */
export const afterChecksum = 21;

/** The bits of a batch's attributes. */
export const attributeBits = {
  /** How the records are packed. */
  codec: 0b111,
  /** The time of all records is the broker's. */
  logAppendTime: 1 << 3,
  transactional: 1 << 4,
  /** The broker's own mark, no record of anybody's. */
  control: 1 << 5,
} as const;
