import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { QueueError } from "../../src/ports/queue_error.ts";
import { createGroupHealth } from "../../src/use_cases/group_health.ts";

describe("the health of a group", () => {
  it("says what a failed pass means for events, and in no words of an unknown error", () => {
    const health = createGroupHealth({
      means: "Events wait in the buffer: ",
      unknown: "Forwarding failed",
    });
    const detail = () => "detail" in health.now ? health.now.detail : undefined;
    health.passFails(new QueueError("unauthorized", "Broker refuses access"));
    assert.equal(detail(), "Events wait in the buffer: Broker refuses access");
    health.inTrouble(new Error("user:password"));
    assert.equal(detail(), "Events wait in the buffer: Forwarding failed");
    health.commitFails(new QueueError("unavailable", "Disk failed"));
    assert.equal(detail(), "Disk failed");
  });
});
