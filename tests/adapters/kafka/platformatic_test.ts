import { describe, it } from "@std/testing/bdd";
import { AssignerProtocol } from "kafkajs";
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
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
