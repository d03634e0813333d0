/** An event that the log took away unread is no longer said to be accepted. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { auditLedger } from "../../src/use_cases/audit_ledger.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

describe("a receipt", () => {
  it("says dropped once the audit has seen that the log no longer holds the event", async () => {
    const clock = createFakeClock();
    const receipts = createEventReceipts({ isDelivery: false });
    for (const [n, id] of ["a", "b", "c"].entries()) {
      receipts.offered(id);
      receipts.accepted(id, { topic: "t", partition: 0, offset: BigInt(n), timestamp: 0 });
    }
    let takenAway = 0;
    const read = () =>
      Promise.resolve({
        topic: "t",
        logId: "a",
        accepted: 3,
        end: 3n,
        takenAway,
        isSettled: true,
        groups: [],
        faults: [],
      });
    const audit = auditLedger({
      acceptance: () => ({ offered: 3, accepted: 3, refused: {}, pending: 0 }),
      log: { ledger: { read }, topic: "t", groups: [] },
      clock,
      telemetry: createRecordingTelemetry(),
      onTakenAway: (before) => receipts.skipped(0n, before),
    });
    await audit.check();
    assert.deepEqual(receipts.find("a"), { status: "accepted" });
    takenAway = 2;
    await clock.advance(60_000);
    await audit.check();
    const dropped = { status: "dropped", reason: "evicted" };
    assert.deepEqual(["a", "b", "c"].map(receipts.find), [dropped, dropped, {
      status: "accepted",
    }]);
    audit.stop();
  });
});
