/** How long an event is waited for, what is known then, and that every one is counted. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { QueueError, type QueueErrorCode, queueErrorCodes } from "../../src/ports/queue_error.ts";
import { degradedBy, healthy } from "../../src/ports/queue_health.ts";
import {
  type AcceptanceLedger,
  createEventAcceptor,
  type EventAcceptor,
} from "../../src/use_cases/event_acceptor.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { createFakeClock } from "../fake_clock.ts";
import { collectLogs } from "./log_lines.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";
import { createScriptedQueue } from "./scripted_queue.ts";

const record = { key: "dune", value: new Uint8Array() };
const acceptTimeoutMs = 50;
const codes = Object.keys(queueErrorCodes) as QueueErrorCode[];

function open() {
  const clock = createFakeClock();
  const queue = createScriptedQueue();
  const telemetry = createRecordingTelemetry();
  const acceptor = createEventAcceptor({
    queue,
    topic: "t",
    acceptTimeoutMs,
    clock,
    telemetry,
    receipts: createEventReceipts({ isDelivery: false }),
  });
  return { clock, queue, telemetry, acceptor };
}

function sum({ accepted, refused, pending }: AcceptanceLedger): number {
  return accepted + pending + Object.values(refused).reduce((a, b) => a + b, 0);
}

/** Whether the promise has settled by now, without any time passing. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return settled;
}

async function fail(acceptor: EventAcceptor, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await acceptor.offer("event-1", record);
}

describe("offer()", () => {
  it("is accepted when the queue holds the record", async () => {
    const { acceptor, queue, clock } = open();
    assert.deepEqual(await acceptor.offer("event-1", record), { status: "accepted" });
    assert.deepEqual(queue.publishes[0]?.topic, "t");
    assert.equal(queue.publishes[0]?.record, record);
    await acceptor.awaitAnswers(0);
    assert.equal(clock.timers, 0);
  });

  it("tells each code with which the queue refuses", async () => {
    const { acceptor, queue } = open();
    for (const code of codes) {
      queue.behaviour = { reject: new QueueError(code, "No") };
      assert.deepEqual(await acceptor.offer("event-1", record), {
        status: "refused",
        reason: code,
      });
    }
    await acceptor.awaitAnswers(0);
  });

  it("survives a queue that throws instead of rejecting, and errors that the port forbids", async () => {
    const { acceptor, queue } = open();
    queue.behaviour = { throw: new QueueError("closed", "Log is closed") };
    assert.deepEqual(await acceptor.offer("event-1", record), {
      status: "refused",
      reason: "closed",
    });
    for (const reason of [new TypeError("Oops"), undefined]) {
      const outcome = { status: "refused", reason: "outcome_unknown" } as const;
      queue.behaviour = { throw: reason };
      assert.deepEqual(await acceptor.offer("event-1", record), outcome);
      queue.behaviour = { reject: reason };
      assert.deepEqual(await acceptor.offer("event-1", record), outcome);
    }
    await acceptor.awaitAnswers(0);
  });

  it("waits for a queue that never answers as long as the time-out, and no longer", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    const offer = acceptor.offer("event-1", record);
    await clock.advance(acceptTimeoutMs - 1);
    assert.equal(await isSettled(offer), false);
    await clock.advance(1);
    assert.deepEqual(await offer, { status: "pending" });
  });

  it("does not wait at all while a publish is past its time-out", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    const first = acceptor.offer("event-1", record);
    await clock.advance(acceptTimeoutMs);
    await first;
    assert.deepEqual(await acceptor.offer("event-1", record), { status: "pending" });

    queue.publishes[0]?.accept();
    await clock.advance(acceptTimeoutMs);
    assert.deepEqual(
      await acceptor.offer("event-1", record),
      { status: "pending" },
      "the second is overdue",
    );

    queue.publishes[1]?.accept();
    queue.publishes[2]?.accept();
    await clock.advance(0);
    queue.behaviour = "accept";
    assert.deepEqual(await acceptor.offer("event-1", record), { status: "accepted" });
  });

  it("does not abort what is late: its answer is counted when it comes", async () => {
    const { acceptor, queue, clock, telemetry } = open();
    queue.behaviour = "hold";
    const offers = [acceptor.offer("event-1", record), acceptor.offer("event-1", record)];
    await clock.advance(60_000);
    await Promise.all(offers);
    assert.deepEqual(acceptor.ledger, { offered: 2, accepted: 0, refused: {}, pending: 2 });

    queue.publishes[0]?.accept();
    queue.publishes[1]?.reject(new QueueError("timeout", "No answer"));
    await clock.advance(0);
    assert.deepEqual(acceptor.ledger, {
      offered: 2,
      accepted: 1,
      refused: { timeout: 1 },
      pending: 0,
    });
    assert.equal(telemetry.counters["shelfcast.events.late"], 2);
    assert.equal(telemetry.counters["shelfcast.events.accepted"], 1);
    assert.equal(telemetry.counters["shelfcast.events.refused{reason=timeout}"], 1);
    assert.equal(telemetry.gauges["shelfcast.events.pending"], 0);
    assert.deepEqual(telemetry.values["shelfcast.events.accept_ms"], [60_000, 60_000]);
    await acceptor.awaitAnswers(0);
  });

  it("gives records to the queue in the order of the calls, slow or not", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    const records = Array.from({ length: 5 }, () => ({ ...record }));
    for (const one of records) {
      acceptor.offer("event-1", one);
      await clock.advance(20);
    }
    assert.ok(queue.publishes.every((publish, index) => publish.record === records[index]));
    assert.equal(queue.publishes.length, 5);
  });
});

describe("ledger", () => {
  it("balance at any time, and the time-out holds, whatever the queue does", async () => {
    const step = fc.oneof(
      fc.constantFrom("accept", "hold", "reject", "throw").map((kind) => ({ kind, at: 0 })),
      fc.nat(40).map((at) => ({ kind: "answer", at })),
      fc.integer({ min: 1, max: 120 }).map((at) => ({ kind: "advance", at })),
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { acceptor, queue, clock } = open();
      const full = new QueueError("full", "No room");
      const waits: number[] = [];
      let offers = 0;
      for (const { kind, at } of steps) {
        if (kind === "advance") await clock.advance(at);
        else if (kind === "answer") queue.publishes[at]?.[at % 2 === 0 ? "accept" : "reject"](full);
        else {
          if (kind === "accept" || kind === "hold") queue.behaviour = kind;
          else queue.behaviour = kind === "throw" ? { throw: full } : { reject: full };
          const offeredAt = clock.now();
          acceptor.offer("event-1", record).then(() => waits.push(clock.now() - offeredAt));
          offers += 1;
        }
        assert.equal(sum(acceptor.ledger), acceptor.ledger.offered);
      }
      await clock.advance(acceptTimeoutMs);
      assert.equal(acceptor.ledger.offered, offers);
      assert.equal(waits.length, offers);
      assert.ok(waits.every((wait) => wait <= acceptTimeoutMs), `waits: ${waits}`);
      for (const publish of queue.publishes) publish.accept();
      await clock.advance(0);
      assert.equal(await acceptor.awaitAnswers(0), 0);
      assert.equal(sum(acceptor.ledger), offers);
      assert.equal(clock.timers, 0);
    }));
  });
});

describe("health()", () => {
  const full = new QueueError("full", "No room");
  const reasonOf = (acceptor: EventAcceptor): string => {
    const health = acceptor.health();
    return health.status === "ok" ? "ok" : health.reason;
  };

  it("is degraded while an event is late", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    const late = acceptor.offer("event-1", record);
    assert.equal(reasonOf(acceptor), "ok");
    await clock.advance(acceptTimeoutMs);
    await late;
    assert.equal(reasonOf(acceptor), "timeout");
    queue.publishes[0]?.accept();
    await clock.advance(0);
    assert.equal(reasonOf(acceptor), "ok");
    await acceptor.awaitAnswers(0);
  });

  it("is degraded for five seconds after a refusal, or until an event is accepted", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = { reject: full };
    await acceptor.offer("event-1", record);
    await clock.advance(4999);
    assert.equal(reasonOf(acceptor), "full");
    await clock.advance(1);
    assert.equal(reasonOf(acceptor), "ok");

    await acceptor.offer("event-1", record);
    assert.equal(reasonOf(acceptor), "full");
    queue.behaviour = "accept";
    await acceptor.offer("event-1", record);
    assert.equal(reasonOf(acceptor), "ok");
    await acceptor.awaitAnswers(0);
  });

  it("is degraded as long as the queue says so itself, with what it says", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = { reject: full };
    queue.state = degradedBy(full);
    await acceptor.offer("event-1", record);
    await clock.advance(3_600_000);
    assert.deepEqual(acceptor.health(), queue.state);
    queue.state = healthy;
    assert.equal(reasonOf(acceptor), "ok", "without another event");
    await acceptor.awaitAnswers(0);
  });

  it("does not blame the queue for a record that no queue would take", async () => {
    const { acceptor, queue } = open();
    for (const code of ["too_large", "invalid_record"] as const) {
      queue.behaviour = { reject: new QueueError(code, "No") };
      await acceptor.offer("event-1", record);
      assert.equal(reasonOf(acceptor), "ok", code);
    }
    await acceptor.awaitAnswers(0);
  });
});

describe("awaitAnswers()", () => {
  it("waits until the queue has answered for all", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    acceptor.offer("event-1", record);
    acceptor.offer("event-1", record);
    const answered = acceptor.awaitAnswers(10_000);
    queue.publishes[1]?.accept();
    assert.equal(await isSettled(answered), false);
    queue.publishes[0]?.reject(new QueueError("closed", "Log is closed"));
    assert.equal(await answered, 0);
    assert.equal(clock.timers, 0);
  });

  it("gives up at its deadline and tells how many are left", async () => {
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    acceptor.offer("event-1", record);
    acceptor.offer("event-1", record);
    const answered = acceptor.awaitAnswers(10_000);
    await clock.advance(10_000);
    assert.equal(await answered, 2);
    assert.equal(clock.timers, 0);
  });
});

describe("the log", () => {
  it("has a line at the first failure and one a minute, with the counts, not one a search", async () => {
    using logs = collectLogs();
    const { acceptor, queue, clock } = open();
    const counts = () => logs.lines.map(({ level, properties }) => [level, properties.counts]);

    queue.behaviour = { reject: new QueueError("full", "No room") };
    await fail(acceptor, 500);
    assert.deepEqual(counts(), [["error", { full: 1 }]]);

    await clock.advance(60_000);
    queue.behaviour = { reject: new QueueError("unavailable", "Away") };
    await fail(acceptor, 3);
    assert.deepEqual(counts(), [["error", { full: 1 }], ["error", { full: 499 }]]);

    assert.equal(await acceptor.awaitAnswers(0), 0);
    assert.deepEqual(counts().at(-1), ["error", { unavailable: 3 }]);
    assert.equal(clock.timers, 0);
  });

  it("says when all has been well for a minute, and is quiet then", async () => {
    using logs = collectLogs();
    const { acceptor, queue, clock } = open();
    queue.behaviour = "hold";
    acceptor.offer("event-1", record);
    await clock.advance(acceptTimeoutMs);
    queue.publishes[0]?.accept();
    await clock.advance(60_000);
    assert.deepEqual(logs.lines.map(({ level }) => level), ["warning", "info"]);
    assert.equal(clock.timers, 0);
  });
});
