import { createByteReader } from "./byte_reader.ts";
import { type AbortedTransaction, committedRecords } from "./committed_records.ts";
import type { FetchedPartition } from "../driver/driver.ts";
import { failOn } from "../driver/fault.ts";
import { readBatches } from "./decode_batch.ts";

/** The version of Fetch whose answer this reads: brokers have it since 2.3. */
export const fetchVersion = 11;

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly end: bigint;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Uint8Array;
}

/**
 * What a broker has answered, read once for all clients.
 *
 * @param bytes The body, behind the correlation id.
 * @param positions What was asked for.
 */
export async function readFetchAnswer(
  bytes: Uint8Array,
  positions: ReadonlyMap<number, bigint>,
): Promise<readonly FetchedPartition[]> {
  const { errorCode, partitions } = split(bytes);
  failOn(errorCode, "Fetch");
  return await Promise.all(partitions.map(async ({ batches, aborted, ...answer }) => {
    const stored = readBatches(batches);
    const last = stored.at(-1);
    const position = positions.get(answer.partition) ?? 0n;
    return {
      ...answer,
      records: await committedRecords(stored, aborted, position),
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
      reader.skip(8); // the end that is not yet committed
      const end = reader.int64();
      reader.skip(8); // the start
      const aborted = reader.list(() => ({
        producerId: reader.int64(),
        firstOffset: reader.int64(),
      }));
      reader.skip(4); // the replica to read from
      const batches = reader.bytes(Math.max(0, reader.int32()));
      return { partition, errorCode: code, end, aborted, batches };
    });
  });
  return { errorCode, partitions: topics.flat() };
}
