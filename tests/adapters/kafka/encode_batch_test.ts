/** Record batches as brokers take them, judged by a second reader. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import fc from "fast-check";
import type { WireRecord } from "../../../adapters/queue/kafka/wire/batch_format.ts";
import { encodeRecordBatch } from "../../../adapters/queue/kafka/wire/encode_batch.ts";
import { decodeRecordBatch } from "./decode_record_batch.ts";
import { wireRecord as record } from "./wire_record.ts";

const require = createRequire(import.meta.url);
const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0");
const Record = require("kafkajs/src/protocol/recordBatch/record/v0");

describe("record batch", () => {
  it("reads back as it was: null and empty, order of headers, timestamps of all sizes", () => {
    fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), (records) => {
      const decoded = decodeRecordBatch(encodeRecordBatch(records));
      assert.deepEqual(decoded, {
        producerId: -1n,
        producerEpoch: -1,
        firstSequence: -1,
        records,
      });
    }));
  });

  for (const compression of ["gzip", "zstd"] as const) {
    it(`packed with ${compression} it reads back as it was, and is no larger than without`, () => {
      fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 50 }), (records) => {
        const plain = encodeRecordBatch(records);
        const packed = encodeRecordBatch(records, compression);
        assert.deepEqual(decodeRecordBatch(packed).records, records);
        assert.ok(packed.length <= plain.length);
      }));
      const value = new TextEncoder().encode("The same words again and again. ".repeat(30));
      const records = Array(20).fill({ key: null, value, headers: [], timestamp: 0 });
      const ratio = encodeRecordBatch(records).length /
        encodeRecordBatch(records, compression).length;
      assert.ok(ratio > 20, `${ratio} times smaller`);
    });
  }

  it("bears the numbers of an idempotent producer", () => {
    const sequence = { producerId: 2n ** 40n, producerEpoch: 7, first: 2 ** 31 - 1 };
    const records = [{ key: null, value: null, headers: [], timestamp: 0 }];
    const decoded = decodeRecordBatch(encodeRecordBatch(records, "none", sequence));
    assert.deepEqual(decoded, {
      producerId: 2n ** 40n,
      producerEpoch: 7,
      firstSequence: 2 ** 31 - 1,
      records,
    });
  });

  it("is byte for byte what kafkajs makes of the same records", async () => {
    const named = record.map((each) => ({
      ...each,
      // kafkajs regroups equal names, and puts names that look like numbers first.
      headers: each.headers.map(([, value], n) => [`h${n}`, value] as const),
      timestamp: 1_700_000_000_000 + each.timestamp % 100_000,
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(named, { minLength: 1, maxLength: 200 }), async (records) => {
        const ours = encodeRecordBatch(records);
        assert.deepEqual(ours, new Uint8Array(await kafkajsBatch(records)));
      }),
      { numRuns: 30 },
    );
  });

  it("does not mind a thousand header names that are never seen again", () => {
    for (let n = 0; n < 1500; n++) {
      const headers = [[`name ${n}`, new Uint8Array(0)], [
        "known",
        new Uint8Array([n % 256]),
      ]] as const;
      const records = [{ key: null, value: null, headers, timestamp: 0 }];
      assert.deepEqual(decodeRecordBatch(encodeRecordBatch(records)).records, records);
    }
  });
});

async function kafkajsBatch(records: readonly WireRecord[]): Promise<Buffer> {
  const timestamps = records.map(({ timestamp }) => timestamp);
  const firstTimestamp = Math.min(...timestamps);
  const batch = await RecordBatch({
    partitionLeaderEpoch: -1,
    firstTimestamp,
    maxTimestamp: Math.max(...timestamps),
    producerEpoch: -1,
    firstSequence: -1,
    lastOffsetDelta: records.length - 1,
    records: records.map(({ key, value, headers, timestamp }, offsetDelta) =>
      Record({
        offsetDelta,
        timestampDelta: timestamp - firstTimestamp,
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        headers: Object.fromEntries(
          headers.map(([name, value]) => [name, value && Buffer.from(value)]),
        ),
      })
    ),
  });
  return batch.buffer;
}
