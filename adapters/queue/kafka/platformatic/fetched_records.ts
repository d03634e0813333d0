import type { KafkaRecord, RecordsBatch } from "@platformatic/kafka";
import type { Buffer } from "node:buffer";
import type { FetchedRecord } from "../driver.ts";
import { KafkaProtocolError } from "../fault.ts";

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const decoder = new TextDecoder();
const corruptMessage = 2;
const currentMagic = 2;
const isLogAppendTime = 1 << 3;
const isTransactional = 1 << 4;
const isControl = 1 << 5;
/** Of a control record: its key is its version and then its type, each in two bytes. */
const abortType = 0;

/** What a consumer may see of the batches: neither control records nor those of aborted transactions. */
export function committedRecords(
  batches: readonly RecordsBatch[],
  aborted: readonly AbortedTransaction[],
  position: bigint,
): readonly FetchedRecord[] {
  const pending = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const abortedProducers = new Set<bigint>();
  const visible: FetchedRecord[] = [];
  for (const batch of batches) {
    if (batch.magic !== currentMagic) throw new KafkaProtocolError(corruptMessage, "Fetch");
    while (pending[0] !== undefined && pending[0].firstOffset <= lastOffset(batch)) {
      abortedProducers.add(pending.shift()!.producerId);
    }
    if ((batch.attributes & isControl) !== 0) {
      if (endsInAbort(batch)) abortedProducers.delete(batch.producerId);
    } else if (
      (batch.attributes & isTransactional) === 0 || !abortedProducers.has(batch.producerId)
    ) {
      // A batch is given whole, also where the position is in its middle.
      for (const record of batch.records) {
        const read = fromRecord(batch, record);
        if (read.offset >= position) visible.push(read);
      }
    }
  }
  return visible;
}

export const lastOffset = ({ firstOffset, lastOffsetDelta }: RecordsBatch): bigint =>
  firstOffset + BigInt(lastOffsetDelta);

function endsInAbort({ records }: RecordsBatch): boolean {
  const key = records[0]?.key;
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === abortType;
}

function fromRecord(batch: RecordsBatch, record: KafkaRecord): FetchedRecord {
  return {
    key: record.key === null ? null : plain(record.key),
    value: record.value === null ? null : plain(record.value),
    headers: record.headers.map(([name, value]) => [
      name === null ? "" : decoder.decode(name),
      value === null ? new Uint8Array(0) : plain(value),
    ]),
    timestamp: (batch.attributes & isLogAppendTime) === 0
      ? Number(batch.firstTimestamp + record.timestampDelta)
      : Number(batch.maxTimestamp),
    offset: batch.firstOffset + BigInt(record.offsetDelta),
  };
}

/** A Buffer's bytes as what the port names: its slice(), toString() and JSON are not those of a Uint8Array. */
const plain = (bytes: Buffer): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
