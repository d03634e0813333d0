import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { DeliveryReport } from "./event_queue.ts";
import { QueueError } from "./queue_error.ts";
import { unlessAborted } from "./unless_aborted.ts";

const report: DeliveryReport = { topic: "t", partition: 0, offset: 0n, timestamp: 1 };

describe("unlessAborted", () => {
  it("gives the report, with a signal and without", async () => {
    const publish = () => Promise.resolve(report);
    assert.equal(await unlessAborted(undefined, publish), report);
    assert.equal(await unlessAborted(new AbortController().signal, publish), report);
  });

  it("publishes nothing where it was aborted before", async () => {
    let calls = 0;
    const publish = () => {
      calls += 1;
      return Promise.resolve(report);
    };
    await assert.rejects(unlessAborted(AbortSignal.abort(), publish), { code: "aborted" });
    assert.equal(calls, 0);
  });

  it("rejects at once when it is aborted, and hears nothing of what comes later", async () => {
    const aborting = new AbortController();
    const { promise, reject } = Promise.withResolvers<DeliveryReport>();
    const publishing = unlessAborted(aborting.signal, () => promise);
    aborting.abort();
    await assert.rejects(publishing, { code: "aborted", message: /may stand/ });
    reject(new Error("nobody hears this"));
  });

  it("makes a rejection of what is thrown", async () => {
    const thrown = new QueueError("closed", "Log is closed");
    const publish = () => {
      throw thrown;
    };
    await assert.rejects(unlessAborted(undefined, publish), thrown);
    await assert.rejects(unlessAborted(new AbortController().signal, publish), thrown);
  });
});
