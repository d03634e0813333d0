/** Record batches as brokers send them, whole, packed, cut and damaged. */
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { lentUnpack } from "../../../adapters/queue/kafka/clients.ts";
import {
  type AbortedTransaction,
  committedRecords,
} from "../../../adapters/queue/kafka/wire/fetch_answer.ts";
import { crc32c } from "../../../adapters/queue/kafka/wire/crc32c.ts";
import { encodeRecordBatch } from "../../../adapters/queue/kafka/wire/encode_batch.ts";
import {
  readBatches,
  readRecords,
  type StoredBatch,
} from "../../../adapters/queue/kafka/wire/decode_batch.ts";
import { wireRecord } from "./wire_record.ts";

const records = fc.array(wireRecord, { minLength: 1, maxLength: 50 });

describe("record batches from a topic", () => {
  for (const compression of ["none", "gzip", "zstd"] as const) {
    it(`read as they were written, in any number, compression ${compression}`, async () => {
      await fc.assert(fc.asyncProperty(fc.array(records, { maxLength: 3 }), async (written) => {
        const bytes = Buffer.concat(written.map((each) => encodeRecordBatch(each, compression)));
        const batches = readBatches(bytes);
        assert.equal(batches.length, written.length);
        for (const [n, batch] of batches.entries()) {
          const expected = written[n]!.map((record, at) => ({ ...record, offset: BigInt(at) }));
          assert.deepEqual(await readRecords(batch, lentUnpack), expected);
        }
      }));
    });
  }

  it("end where the last is cut off, wherever that is", () => {
    const record = { key: null, value: new Uint8Array(50), headers: [], timestamp: 1 };
    const one = encodeRecordBatch([record]);
    const two = Buffer.concat([one, one]);
    for (let length = 0; length <= two.length; length++) {
      const whole = Math.floor(length / one.length);
      assert.equal(readBatches(two.subarray(0, length)).length, whole, `${length} bytes`);
    }
  });

  it("are told as corrupt wherever a byte has changed that the checksum covers", () => {
    const value = new TextEncoder().encode("value");
    const batch = encodeRecordBatch([{ key: value, value, headers: [["h", value]], timestamp: 1 }]);
    for (let at = 17; at < batch.length; at++) {
      const damaged = batch.slice();
      damaged[at]! ^= 0x10;
      assert.throws(() => readBatches(damaged), { code: 2 }, `byte ${at}`);
    }
  });

  it("are told as corrupt where what is packed cannot be unpacked, or ends too soon", async () => {
    const whole = batch(0, 3);
    const cut = { ...whole, packed: whole.packed.subarray(0, whole.packed.length - 1) };
    const packedWith = (codec: number) => ({ ...whole, attributes: codec });
    for (const damaged of [cut, ...[1, 2, 3, 4].map(packedWith)]) {
      await assert.rejects(
        readRecords(damaged, lentUnpack),
        { code: 2 },
        `codec ${damaged.attributes}`,
      );
    }
  });

  it("are told as unsupported in a format or a codec that nobody can read", async () => {
    const batch = encodeRecordBatch([{ key: null, value: null, headers: [], timestamp: 1 }]);
    const old = batch.slice();
    old[16] = 1;
    assert.throws(() => readBatches(old), { code: 43 });
    const novel = batch.slice();
    novel[22] = 7;
    new DataView(novel.buffer).setUint32(17, crc32c(novel.subarray(21)));
    const [unread] = readBatches(novel);
    await assert.rejects(readRecords(unread!, lentUnpack), { code: 76 });
  });
});

describe("of what a fetch brings, a consumer sees", () => {
  const offsets = async (
    batches: readonly StoredBatch[],
    aborted: readonly AbortedTransaction[],
    position: bigint,
  ) =>
    (await committedRecords(batches, aborted, position, lentUnpack)).map(({ offset }) =>
      Number(offset)
    );
  const transactional = 1 << 4;
  const control = 1 << 5 | transactional;
  const markOf = (type: number): Uint8Array => new Uint8Array([0, 0, 0, type]);

  it("nothing before its position", async () => {
    assert.deepEqual(await offsets([batch(0, 3), batch(3, 3)], [], 4n), [4, 5]);
  });

  it("no control records, and no records of aborted transactions", async () => {
    const [one, other] = [{ producerId: 1n }, { producerId: 2n }];
    const abort = { ...one, attributes: control, key: markOf(0) };
    const commit = { attributes: control, key: markOf(1) };
    const batches = [
      batch(0, 2, { ...one, attributes: transactional }), // aborted
      batch(2, 1, { ...other, attributes: transactional }),
      batch(3, 1, abort),
      batch(4, 1, { ...one, attributes: transactional }), // its next transaction
      batch(5, 1, { ...other, ...commit }),
      batch(6, 1, { ...one, ...commit }),
      batch(7, 1),
    ];
    assert.deepEqual(await offsets(batches, [{ ...one, firstOffset: 0n }], 0n), [2, 4, 7]);
    assert.deepEqual(await offsets(batches, [], 0n), [0, 1, 2, 4, 7]);
  });

  it("times of any 64 bits, exactly, and headers' null values as such", async () => {
    const most = 9_223_372_036_854_775_807n;
    const times = [0n, 2n ** 53n - 1n, 2n ** 53n, most, -1n, -most - 1n];
    for (const first of times) {
      for (const then of times) {
        const packed = foreignRecords([0n, BigInt.asIntN(64, then - first)]);
        const pair = { ...batch(0, 2), firstTimestamp: first, packed };
        const read = await readRecords(pair, lentUnpack);
        assert.deepEqual(
          read.map(({ timestamp, exactTimestamp }) => exactTimestamp ?? BigInt(timestamp)),
          [first, then],
        );
        assert.ok(
          read.every(({ timestamp, exactTimestamp }) =>
            Number.isSafeInteger(timestamp) === (exactTimestamp === undefined)
          ),
        );
        assert.deepEqual(read.map(({ headers }) => headers), [[["h", null]], [["h", null]]]);
      }
    }
  });

  it("the broker's time where the topic has it so, else the producer's", async () => {
    const times = async (attributes: number) =>
      (await committedRecords([batch(0, 2, { attributes })], [], 0n, lentUnpack))
        .map(({ timestamp }) => timestamp);
    assert.deepEqual(await times(0), [1000, 1001]);
    assert.deepEqual(await times(1 << 3), [5000, 5000]);
  });
});

function batch(
  firstOffset: number,
  count: number,
  { attributes = 0, producerId = -1n, key = null }: {
    attributes?: number;
    producerId?: bigint;
    key?: Uint8Array | null;
  } = {},
): StoredBatch {
  const written = Array.from({ length: count }, (_, n) => ({
    key,
    value: null,
    headers: [],
    timestamp: 1000 + n,
  }));
  return {
    firstOffset: BigInt(firstOffset),
    lastOffset: BigInt(firstOffset + count - 1),
    attributes,
    firstTimestamp: 1000n,
    maxTimestamp: 5000n,
    producerId,
    count,
    packed: encodeRecordBatch(written).subarray(61),
  };
}

/** Records with these times from the first on, as other programs may write them. */
function foreignRecords(deltas: readonly bigint[]): Uint8Array {
  const varint = (value: bigint): number[] => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    return [...bytes, Number(rest)];
  };
  const header = [...varint(1n), ...varint(1n), 0x68, ...varint(-1n)];
  return Uint8Array.from(deltas.flatMap((delta, n) => {
    const record = [0, ...varint(delta), ...varint(BigInt(n)), ...varint(-1n), ...varint(-1n)];
    return [...varint(BigInt(record.length + header.length)), ...record, ...header];
  }));
}
