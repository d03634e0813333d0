/** What is encoded reads back, and no flipped bit goes unseen. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { EventRecord, StoredRecord } from "../../../../src/ports/event_record.ts";
import { validateRecord } from "../../../../src/ports/validate_record.ts";
import { batchHeaderBytes, decodeFooter, encodeFooter, findAt } from "../format/batch_format.ts";
import { checksumSeed } from "../format/checksum.ts";
import { decodeRecords, encodedRecordBytes } from "../format/record_format.ts";
import { readUint64, viewOf, writeUint64 } from "../format/uint64.ts";
import { createGrowingBatch } from "./growing_batch.ts";

const logId = new Uint8Array(16).fill(9);
const seed = checksumSeed(logId, 100);

const content = fc.uint8Array({ maxLength: 200 });
const records = fc.array(
  fc.record({
    key: fc.option(fc.oneof(content, fc.string({ unit: "grapheme" })), { nil: undefined }),
    value: fc.option(content),
    headers: fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 40 }), content)),
    timestamp: fc.maxSafeNat(),
  }),
  { minLength: 1, maxLength: 20 },
);

function sealed(
  given: readonly { readonly timestamp: number; readonly value: Uint8Array | null }[],
  buffer?: Uint8Array<ArrayBuffer>,
) {
  const batch = createGrowingBatch("t", buffer);
  for (const record of given) {
    const { key, ...rest } = record as EventRecord;
    const exact: EventRecord = key === undefined ? rest : { ...rest, key };
    const bytes = encodedRecordBytes(exact, validateRecord("t", exact));
    void batch.add(exact, bytes, record.timestamp);
  }
  return batch.seal(100, 7, seed).slice();
}

function decoded(batch: Uint8Array): readonly StoredRecord[] {
  const found = findAt(batch, 0, 100, seed);
  assert.ok(found.kind === "batch");
  const into: StoredRecord[] = [];
  decodeRecords(batch.subarray(batchHeaderBytes, found.head.bytes), found.head, 0, into);
  return into;
}

describe("batch format", () => {
  it("nothing of an earlier batch is left in the bytes of the next", () => {
    fc.assert(fc.property(records, (given) => {
      assert.deepEqual(sealed(given, new Uint8Array(2 ** 18).fill(0xff)), sealed(given));
    }));
  });

  it("gives records back as they were, in order", () => {
    fc.assert(fc.property(records, (given) => {
      const batch = sealed(given);
      assert.equal(batch.length % 8, 0);
      const encoder = new TextEncoder();
      const wanted = given.map(({ key, value, headers, timestamp }, n) => ({
        key: key === undefined ? null : typeof key === "string" ? encoder.encode(key) : key,
        value,
        headers,
        timestamp,
        offset: BigInt(100 + n),
      }));
      assert.deepEqual(plain(decoded(batch)), plain(wanted));
    }));
  });

  it("no flipped bit goes unseen, and none makes a batch of another place, segment or log", () => {
    const batch = sealed([{ value: new Uint8Array([1, 2, 3]), timestamp: 5 }]);
    for (let bit = 0; bit < batch.length * 8; bit++) {
      const flipped = batch.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.notEqual(findAt(flipped, 0, 100, seed).kind, "batch", `bit ${bit}`);
    }
    assert.equal(findAt(batch, 0, 101, seed).kind, "bad");
    assert.equal(findAt(batch, 0, 100, checksumSeed(logId, 99)).kind, "bad");
    assert.equal(findAt(batch, 0, 100, checksumSeed(new Uint8Array(16), 100)).kind, "bad");
  });

  it("asks for more where the bytes at hand end within a batch", () => {
    const batch = sealed([{ value: new Uint8Array(100), timestamp: 5 }]);
    for (let length = 1; length < batch.length; length++) {
      const found = findAt(batch.subarray(0, length), 0, 100, seed);
      assert.equal(found.kind, "more", `${length} bytes`);
    }
    assert.equal(findAt(batch.subarray(0, 0), 0, 100, seed).kind, "nothing");
    assert.equal(findAt(new Uint8Array(200), 0, 100, seed).kind, "nothing");
  });

  it("a footer comes back, and not with a bit flipped", () => {
    const footer = { next: 2 ** 40, count: 12, length: 8192, time: 1_700_000_000_000 };
    const bytes = encodeFooter(footer, seed);
    assert.deepEqual(decodeFooter(bytes, seed), footer);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(decodeFooter(flipped, seed), undefined, `bit ${bit}`);
    }
  });

  it("whole numbers below 2^53 come back", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => {
      const bytes = new Uint8Array(8);
      writeUint64(viewOf(bytes), 0, value);
      assert.equal(readUint64(viewOf(bytes), 0), value);
      assert.equal(viewOf(bytes).getBigUint64(0, true), BigInt(value));
    }));
  });
});

/** Comparable: views and arrays of equal bytes are equal. */
function plain(given: readonly StoredRecord[]) {
  return given.map(({ key, value, headers, ...rest }) => ({
    ...rest,
    key: key && [...key],
    value: value && [...value],
    headers: headers.map(([name, bytes]) => [name, ...bytes ?? ["null"]]),
  }));
}
