/** Dead letters are written until they stand there, or their writer is stopped. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { createDeadLetters } from "../../src/use_cases/dead_letters.ts";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import { createFakeClock } from "../fake_clock.ts";

const record: StoredRecord = { key: null, value: null, headers: [], timestamp: 1, offset: 7n };
const poison = { code: "unreadable", message: "Value is no JSON" };

function open() {
  const clock = createFakeClock();
  const log = openMemoryLog({ clock });
  const stopping = new AbortController();
  const faults: unknown[] = [];
  let backMs = 0;
  let fault: QueueError | undefined;
  const letters = createDeadLetters({
    log: {
      ...log,
      publish: (...args) => fault === undefined ? log.publish(...args) : Promise.reject(fault),
    },
    topic: "events",
    group: "trends",
    clock: { ...clock, now: () => clock.now() - backMs },
    signal: stopping.signal,
    onFault: (error) => faults.push(error),
  });
  return {
    clock,
    letters,
    faults,
    stop: () => stopping.abort(),
    setClockBack: (ms: number) => backMs = ms,
    fail: (error?: QueueError) => fault = error,
    async written() {
      const codes: string[] = [];
      for await (const batch of log.subscribe("events.dlq", { from: "earliest", until: "end" })) {
        for (const { headers } of batch.records) {
          const texts = headers.map((
            [name, value],
          ) => [name, new TextDecoder().decode(value ?? undefined)]);
          const { "dlq-consumer-group": group, "dlq-reason": reason } = Object.fromEntries(texts);
          codes.push(`${group} ${reason}`);
        }
      }
      return codes;
    },
  };
}

describe("dead letters", () => {
  it("are written until they stand there, each fault told, with the group and its reason", async () => {
    const { letters, clock, faults, fail, written } = open();
    const full = new QueueError("full", "No room");
    fail(full);
    let isWritten = false;
    const writing = letters.write(0, record, poison).then(() => isWritten = true);
    await clock.advance(10_000);
    assert.deepEqual([isWritten, faults], [false, [full, full, full]]);
    fail();
    await clock.advance(5000);
    await writing;
    assert.deepEqual(await written(), ["trends unreadable"]);
  });

  it("are given up when the group is stopped, and not taken for written", async () => {
    const { letters, clock, fail, stop } = open();
    fail(new QueueError("full", "No room"));
    const writing = letters.write(0, record, poison);
    await clock.advance(10);
    stop();
    await assert.rejects(writing, { code: "aborted" });
    await assert.rejects(letters.write(0, record, poison), { code: "aborted" });
    assert.equal(clock.timers, 0);
  });

  it("a clock that is set back does not hold them until the clock is where it was", async () => {
    const { letters, clock, setClockBack } = open();
    for (let n = 0; n < 100; n++) await letters.write(0, record, poison);
    let isHeld = true;
    void letters.write(0, record, poison).then(() => isHeld = false);
    await clock.advance(10);
    assert.deepEqual([isHeld, letters.health().status], [true, "degraded"]);
    setClockBack(3_600_000);
    await clock.advance(60_000);
    assert.deepEqual([isHeld, letters.health().status], [false, "ok"]);
  });
});
