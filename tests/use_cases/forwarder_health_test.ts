import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { QueueError } from "../../src/ports/queue_error.ts";
import { createForwarderHealth } from "../../src/use_cases/forwarder_health.ts";

describe("the health of a forwarder", () => {
  it("says what a failed pass means for events, and in no words of an unknown error", () => {
    const health = createForwarderHealth();
    const detail = () => "detail" in health.now ? health.now.detail : undefined;
    health.passFails(new QueueError("unauthorized", "Broker refuses access"));
    assert.equal(detail(), "Events wait in the buffer: Broker refuses access");
    health.inTrouble(new Error("user:password"));
    assert.equal(detail(), "Events wait in the buffer: Forwarding failed");
    health.commitFails(new QueueError("unavailable", "Disk failed"));
    assert.equal(detail(), "Disk failed");
  });
});
