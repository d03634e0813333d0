import type { RecordsBatch } from "@platformatic/kafka";
import { describe, it } from "@std/testing/bdd";
import { AssignerProtocol } from "kafkajs";
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { committedRecords } from "../../../adapters/queue/kafka/platformatic/fetched_records.ts";
import {
  decodeAssignment,
  decodeTopics,
  encodeAssignment,
  encodeTopics,
} from "../../../adapters/queue/kafka/platformatic/membership_format.ts";
import denoJson from "../../../deno.json" with { type: "json" };

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const userData = Buffer.alloc(0);
const topic = fc.string({ minLength: 1, unit: "binary" }).filter((name) => name !== "__proto__");

describe("the driver on @platformatic/kafka", () => {
  it("was written for this exact version", () => {
    assert.equal(denoJson.imports["@platformatic/kafka"], "npm:@platformatic/kafka@2.12.1");
  });

  it("writes and reads memberships byte for byte as kafkajs does", () => {
    fc.assert(fc.property(fc.array(topic), (topics) => {
      const bytes = encodeTopics(topics);
      assert.deepEqual(bytes, MemberMetadata.encode({ version: 0, topics, userData }));
      assert.deepEqual(decodeTopics(bytes), topics);
    }));
    // kafkajs keeps assignments in an object, which would put names that are numbers first.
    const named = topic.map((name) => `t${name}`);
    const partitions = fc.array(fc.nat(10_000));
    fc.assert(fc.property(fc.dictionary(named, partitions, { noNullPrototype: true }), (found) => {
      const bytes = encodeAssignment(new Map(Object.entries(found)));
      assert.deepEqual(bytes, MemberAssignment.encode({ version: 0, assignment: found, userData }));
      assert.deepEqual(Object.fromEntries(decodeAssignment(bytes)), found);
    }));
    assert.equal(decodeAssignment(Buffer.alloc(0)).size, 0);
  });
});

describe("of what a fetch brings, a consumer sees", () => {
  const offsets = (...[batches, aborted, position]: Parameters<typeof committedRecords>) =>
    committedRecords(batches, aborted, position).map(({ offset }) => Number(offset));
  const transactional = 1 << 4;
  const control = 1 << 5 | transactional;
  const markOf = (type: number): Buffer => Buffer.from([0, 0, 0, type]);

  it("nothing before its position", () => {
    assert.deepEqual(offsets([batch(0, 3), batch(3, 3)], [], 4n), [4, 5]);
  });

  it("no control records, and no records of aborted transactions", () => {
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
    assert.deepEqual(offsets(batches, [{ ...one, firstOffset: 0n }], 0n), [2, 4, 7]);
    assert.deepEqual(offsets(batches, [], 0n), [0, 1, 2, 4, 7]);
  });

  it("the broker's time where the topic has it so, else the producer's", () => {
    const times = (attributes: number) =>
      committedRecords([batch(0, 2, { attributes })], [], 0n).map(({ timestamp }) => timestamp);
    assert.deepEqual(times(0), [1000, 1001]);
    assert.deepEqual(times(1 << 3), [5000, 5000]);
  });

  it("no records of a format that it cannot read", () => {
    assert.throws(() => offsets([{ ...batch(0, 1), magic: 1 }], [], 0n), { code: 2 });
  });
});

function batch(
  firstOffset: number,
  count: number,
  { attributes = 0, producerId = -1n, key = null }: {
    attributes?: number;
    producerId?: bigint;
    key?: Buffer | null;
  } = {},
): RecordsBatch {
  return {
    firstOffset: BigInt(firstOffset),
    lastOffsetDelta: count - 1,
    attributes,
    producerId,
    producerEpoch: 0,
    firstSequence: 0,
    firstTimestamp: 1000n,
    maxTimestamp: 5000n,
    magic: 2,
    crc: 0,
    length: 0,
    partitionLeaderEpoch: 0,
    records: Array.from({ length: count }, (_, offsetDelta) => ({
      length: 0,
      attributes: 0,
      timestampDelta: BigInt(offsetDelta),
      offsetDelta,
      key,
      value: null,
      headers: [],
    })),
  };
}
