/**
 * What a broker has answered to a fetch, read once for all clients: of each partition the records
 * that a consumer sees, without the broker's control records and without those of aborted
 * transactions.
 */
import { attributeBits, type StoredRecord } from "./batch_format.ts";
import { createByteReader } from "./byte_reader.ts";
import type { LentUnpack } from "./compression.ts";
import { readBatches, readRecords, type StoredBatch } from "./decode_batch.ts";
import { failOn } from "./protocol_error.ts";
import { topicIdBytes } from "./topic_id.ts";

/** The version of a fetch by the topic's name: brokers have it since 2.3. */
export const fetchVersion = 11;

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  /** Only committed ones, from the asked position on. */
  readonly records: readonly StoredRecord[];
  /**
   * Where to go on, beyond control and aborted records too; undefined where the answer held
   * nothing.
   */
  readonly next: bigint | undefined;
  /** The end up to which records are committed. */
  readonly end: bigint;
  /** The end of what is written, in open transactions too. */
  readonly written: bigint;
}

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly end: bigint;
  readonly written: bigint;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Uint8Array;
}

/**
 * @param bytes The body, behind the correlation id.
 * @param positions What was asked for.
 * @param isById The topic was named by its id: version 13.
 */
export async function readFetchAnswer(
  bytes: Uint8Array,
  positions: ReadonlyMap<number, bigint>,
  lent: LentUnpack,
  isById = false,
): Promise<readonly FetchedPartition[]> {
  const { errorCode, partitions } = isById ? splitById(bytes) : split(bytes);
  failOn(errorCode, "Fetch");
  return await Promise.all(partitions.map(async ({ batches, aborted, ...answer }) => {
    const stored = readBatches(batches);
    const last = stored.at(-1);
    const position = positions.get(answer.partition) ?? 0n;
    return {
      ...answer,
      records: await committedRecords(stored, aborted, position, lent),
      next: last === undefined ? undefined : last.lastOffset + 1n,
    };
  }));
}

function split(bytes: Uint8Array) {
  const reader = createByteReader(bytes);
  reader.skip(4); // how long it was throttled
  const errorCode = reader.int16();
  reader.skip(4); // session
  const topics = reader.list(() => {
    reader.skip(reader.int16()); // name
    return reader.list((): PartitionAnswer => {
      const partition = reader.int32();
      const code = reader.int16();
      const written = reader.int64();
      const end = reader.int64();
      reader.skip(8); // the start
      const aborted = reader.list(() => ({
        producerId: reader.int64(),
        firstOffset: reader.int64(),
      }));
      reader.skip(4); // the replica to read from
      const batches = reader.bytes(Math.max(0, reader.int32()));
      return { partition, errorCode: code, end, written, aborted, batches };
    });
  });
  return { errorCode, partitions: topics.flat() };
}

function splitById(bytes: Uint8Array) {
  const reader = createByteReader(bytes);
  reader.skip(4); // how long it was throttled
  const errorCode = reader.int16();
  reader.skip(4); // session
  const topics = reader.compactList(() => {
    reader.skip(topicIdBytes);
    const partitions = reader.compactList((): PartitionAnswer => {
      const partition = reader.int32();
      const code = reader.int16();
      const written = reader.int64();
      const end = reader.int64();
      reader.skip(8); // the start
      const aborted = reader.compactList(() => {
        const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
        reader.skipTags();
        return transaction;
      });
      reader.skip(4); // the replica to read from
      const batches = reader.bytes(Math.max(0, reader.uvarint() - 1));
      reader.skipTags();
      return { partition, errorCode: code, end, written, aborted, batches };
    });
    reader.skipTags();
    return partitions;
  });
  return { errorCode, partitions: topics.flat() };
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** The type of a control record: the second number of its key. */
const abort = 0;

/** What a consumer sees of batches from `position` on. */
export async function committedRecords(
  batches: readonly StoredBatch[],
  aborted: readonly AbortedTransaction[],
  position: bigint,
  lent: LentUnpack,
): Promise<readonly StoredRecord[]> {
  const pending = aborted.toSorted((a, b) => a.firstOffset < b.firstOffset ? -1 : 1);
  const aborting = new Set<bigint>();
  const visible: StoredRecord[] = [];
  for (const batch of batches) {
    const { attributes, producerId, lastOffset } = batch;
    while (pending[0] !== undefined && pending[0].firstOffset <= lastOffset) {
      aborting.add(pending.shift()!.producerId);
    }
    const isTransactional = (attributes & attributeBits.transactional) !== 0;
    if ((attributes & attributeBits.control) !== 0) {
      if (await controlType(batch, lent) === abort) aborting.delete(producerId);
    } else if (!isTransactional || !aborting.has(producerId)) {
      // A batch is given whole, also where the position is in its middle.
      for (const record of await readRecords(batch, lent)) {
        if (record.offset >= position) visible.push(record);
      }
    }
  }
  return visible;
}

async function controlType(
  batch: StoredBatch,
  lent: LentUnpack,
): Promise<number | undefined> {
  const [record] = await readRecords(batch, lent);
  const key = record?.key;
  return key && key.length >= 4 ? (key[2]! << 8) | key[3]! : undefined;
}
