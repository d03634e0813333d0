/** Decoding that consumers share: who reads what another has read, and what is another record. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import { searchedEventOf } from "../../src/use_cases/searched_event.ts";
import { shareDecoding, sharedRecordsMax } from "../../src/use_cases/shared_decoding.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Anew each time, as each reader has its own. */
const recordAt = (offset: number, parts: Partial<StoredRecord> = {}): StoredRecord => ({
  key: bytes("dune"),
  value: bytes("[]"),
  headers: [["ce_id", bytes("017f22e2-79b0-7cc3-98c4-000000000001")], ["none", null]],
  timestamp: 1_000,
  offset: BigInt(offset),
  ...parts,
});

function openBench(readers: number) {
  const decoded: bigint[] = [];
  const share = shareDecoding(readers, (place, record) => {
    decoded.push(record.offset);
    return searchedEventOf(place, record);
  });
  const read = (record: StoredRecord, partition = 0) => share({ topic: "t", partition }, record);
  return { decoded, read };
}

describe("shareDecoding()", () => {
  it("decodes once what two read, and forgets it then", () => {
    const { decoded, read } = openBench(2);
    assert.equal(read(recordAt(7)), read(recordAt(7)));
    assert.deepEqual(decoded, [7n]);
    read(recordAt(7));
    assert.deepEqual(decoded, [7n, 7n]);
  });

  it("decodes anew what stands in the same place and is another record", async () => {
    const others: Partial<StoredRecord>[] = [
      { key: null },
      { key: bytes("dunes") },
      { value: bytes("[] ") },
      { value: bytes("{}") },
      { timestamp: 1_001 },
      { exactTimestamp: 1_000n },
      { headers: [] },
      { headers: [["ce_id", bytes("017f22e2-79b0-7cc3-98c4-000000000002")], ["none", null]] },
      { headers: [["ce_id", null], ["none", null]] },
      { headers: [...recordAt(7).headers.slice(0, 1), ["none", bytes("")]] },
    ];
    for (const parts of others) {
      const { decoded, read } = openBench(2);
      read(recordAt(7));
      try {
        // Without an id its key is a hash, which comes later.
        await read(recordAt(7, parts));
      } catch {
        // No search; what counts is that it was looked at.
      }
      assert.equal(decoded.length, 2, JSON.stringify(Object.keys(parts)));
    }
    const { decoded, read } = openBench(2);
    read(recordAt(7));
    read(recordAt(7), 1);
    assert.equal(decoded.length, 2);
  });

  it("tries for each reader what cannot be decoded", () => {
    const { decoded, read } = openBench(2);
    for (let reader = 0; reader < 2; reader++) {
      assert.throws(() => read(recordAt(7, { value: bytes("{}") })));
    }
    assert.equal(decoded.length, 2);
  });

  it("keeps so many for whoever is behind, and no more", () => {
    const { decoded, read } = openBench(2);
    for (let offset = 0; offset <= sharedRecordsMax; offset++) read(recordAt(offset));
    decoded.length = 0;
    read(recordAt(1));
    assert.deepEqual(decoded, []);
    read(recordAt(0));
    assert.deepEqual(decoded, [0n]);
  });

  it("keeps nothing for one reader", () => {
    const { decoded, read } = openBench(1);
    for (let time = 0; time < 2; time++) read(recordAt(7));
    assert.equal(decoded.length, 2);
  });
});
