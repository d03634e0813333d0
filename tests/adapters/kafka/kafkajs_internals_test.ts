import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import {
  createBroker,
  MemberAssignment,
  MemberMetadata,
} from "../../../adapters/queue/kafka/kafkajs/internals.ts";
import denoJson from "../../../deno.json" with { type: "json" };
import { Buffer } from "node:buffer";

const require = createRequire(import.meta.url);
const silent = () => {
  throw new Error("No socket is to be opened");
};
const options = {
  host: "127.0.0.1",
  port: 9092,
  clientId: "test",
  ssl: null,
  sasl: null,
  connectionTimeout: 100,
  requestTimeout: 100,
  socketFactory: silent,
};

describe("kafkajs's inner modules", () => {
  it("are those of the exact version that the driver was written for", () => {
    assert.equal(denoJson.imports.kafkajs, "npm:kafkajs@2.2.4");
    assert.equal(require("kafkajs/package.json").version, "2.2.4");
  });

  it("have the requests that the driver sends, in the versions that it reads", () => {
    const { requests } = require("kafkajs/src/protocol/requests");
    const newest = (api: string): number => Math.max(...requests[api].versions.map(Number));
    const versions = {
      Produce: 7,
      Fetch: 11,
      ListOffsets: 3,
      Metadata: 6,
      OffsetCommit: 5,
      OffsetFetch: 4,
      GroupCoordinator: 2,
      JoinGroup: 5,
      SyncGroup: 3,
      Heartbeat: 3,
      LeaveGroup: 3,
      CreateTopics: 3,
      InitProducerId: 1,
      DescribeConfigs: 2,
    };
    for (const [api, version] of Object.entries(versions)) assert.equal(newest(api), version, api);
  });

  it("give a broker whose queues look for waiting requests only while there are some", () => {
    const broker = createBroker(options);
    assert.equal(broker.isConnected(), false);
    assert.equal(broker.connectionPool.pool.length, 2);
    for (const { requestQueue } of broker.connectionPool.pool) {
      assert.ok(requestQueue instanceof EventEmitter);
      // A timer that is set here would be a leak, and fail this test.
      requestQueue.scheduleCheckPendingRequests();
    }
  });

  it("encode and decode memberships", () => {
    const userData = Buffer.alloc(0);
    const metadata = MemberMetadata.encode({ version: 0, topics: ["a", "b"], userData });
    assert.deepEqual(MemberMetadata.decode(metadata)?.topics, ["a", "b"]);
    const assignment = MemberAssignment.encode({ version: 0, assignment: { a: [0, 2] }, userData });
    assert.deepEqual(MemberAssignment.decode(assignment)?.assignment, { a: [0, 2] });
  });
});
