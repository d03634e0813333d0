import type { FetchedRecord } from "../driver/driver.ts";
import { readRecords, type StoredBatch } from "./decode_batch.ts";

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const isTransactional = 1 << 4;
const isControl = 1 << 5;
/** The type of a control record: the second number of its key. */
const abort = 0;

/** What a consumer sees of batches from `position` on: neither control records nor those of aborted transactions. */
export async function committedRecords(
  batches: readonly StoredBatch[],
  aborted: readonly AbortedTransaction[],
  position: bigint,
): Promise<readonly FetchedRecord[]> {
  const pending = aborted.toSorted((a, b) => a.firstOffset < b.firstOffset ? -1 : 1);
  const aborting = new Set<bigint>();
  const visible: FetchedRecord[] = [];
  for (const batch of batches) {
    const { attributes, producerId, lastOffset } = batch;
    while (pending[0] !== undefined && pending[0].firstOffset <= lastOffset) {
      aborting.add(pending.shift()!.producerId);
    }
    if ((attributes & isControl) !== 0) {
      if (await controlType(batch) === abort) aborting.delete(producerId);
    } else if ((attributes & isTransactional) === 0 || !aborting.has(producerId)) {
      // A batch is given whole, also where the position is in its middle.
      for (const record of await readRecords(batch)) {
        if (record.offset >= position) visible.push(record);
      }
    }
  }
  return visible;
}

async function controlType(batch: StoredBatch): Promise<number | undefined> {
  const [record] = await readRecords(batch);
  const key = record?.key;
  return key && key.length >= 4 ? (key[2]! << 8) | key[3]! : undefined;
}
