/** The audit sees each lie of the ledger, and tells it once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { openFileLogLedger } from "../../adapters/queue/file_log/operate/log_ledger.ts";
import type { EventLedger, TopicLedger } from "../../src/ports/event_ledger.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { type AuditedLog, auditLedger } from "../../src/use_cases/audit_ledger.ts";
import { type AcceptanceLedger, createEventAcceptor } from "../../src/use_cases/event_acceptor.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { createFakeClock } from "../fake_clock.ts";
import { collectLogs } from "./log_lines.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";

const balanced: AcceptanceLedger = {
  offered: 10,
  accepted: 6,
  refused: { full: 2, timeout: 1 },
  pending: 1,
};
const topic = "events";
const seen: TopicLedger = {
  topic,
  logId: "a",
  accepted: 100,
  end: 100n,
  takenAway: 0,
  isSettled: true,
  groups: [],
  faults: [],
};

function open(acceptance: () => AcceptanceLedger, log?: AuditedLog) {
  const clock = createFakeClock();
  const telemetry = createRecordingTelemetry();
  const audit = auditLedger({ acceptance, clock, telemetry, ...(log && { log }) });
  return { clock, telemetry, audit };
}

const logOf = (read: EventLedger["read"], groups: readonly string[] = []): AuditedLog => ({
  ledger: { read },
  topic,
  groups,
});

describe("auditing the ledger", () => {
  it("is quiet while it balances, at once and every minute", async () => {
    using logs = collectLogs();
    let reads = 0;
    const { clock, telemetry, audit } = open(
      () => balanced,
      logOf(() => {
        reads += 1;
        return Promise.resolve(seen);
      }),
    );
    await clock.advance(125_000);
    assert.equal(reads, 3);
    assert.deepEqual(logs.lines, []);
    assert.equal(telemetry.gauges["shelfcast.ledger.mismatch{account=process,group=}"], 0);
    audit.stop();
    await clock.advance(600_000);
    assert.deepEqual([reads, clock.timers], [3, 0]);
  });

  const falsified: readonly AcceptanceLedger[] = [
    { ...balanced, offered: 9 },
    { ...balanced, accepted: 7 },
    { ...balanced, refused: { full: 3, timeout: 1 } },
    { ...balanced, pending: 2 },
  ];
  for (const [n, name] of ["offered", "accepted", "refused", "pending"].entries()) {
    it(`a falsified "${name}" of the process raises the alarm`, async () => {
      using logs = collectLogs();
      const { clock, telemetry, audit } = open(() => falsified[n]!);
      await clock.advance(0);
      assert.equal(telemetry.gauges["shelfcast.ledger.mismatch{account=process,group=}"], 1);
      const [line] = logs.lines;
      assert.equal(line?.level, "error");
      const { account, missing } = line!.properties;
      assert.deepEqual([account, missing], ["process", -1]);
      assert.match(line!.message.join(""), /1 too many: .*doctor --ledger/);
      audit.stop();
    });
  }

  it("a log that took less than the process had accepted raises the alarm, a new log does not", async () => {
    using logs = collectLogs();
    let process = balanced;
    let log = seen;
    const { clock, audit } = open(() => process, logOf(() => Promise.resolve(log)));
    await clock.advance(0);
    // One was pending when the log was seen first: it may have been in the log by then.
    process = { ...balanced, offered: 15, accepted: 12, pending: 0 };
    log = { ...seen, accepted: 105 };
    assert.deepEqual(await audit.check(), []);
    log = { ...seen, accepted: 104 };
    const [mismatch] = await audit.check();
    assert.deepEqual([mismatch?.account, mismatch?.missing], ["log", 1]);
    log = { ...seen, logId: "b", accepted: 0 };
    assert.deepEqual(await audit.check(), []);
    assert.match(logs.lines.at(-1)!.message.join(""), /balances again/);
    audit.stop();
  });

  it("what the log finds out of balance is told with group and number, and the gauge falls back", async () => {
    using logs = collectLogs();
    const fault = {
      account: "group",
      group: "forwarder",
      missing: 3,
      what: "Three are gone",
    } as const;
    let faults: TopicLedger["faults"] = [fault];
    const log = logOf(() => Promise.resolve({ ...seen, faults }), ["forwarder"]);
    const { clock, telemetry, audit } = open(() => balanced, log);
    const gauge = "shelfcast.ledger.mismatch{account=group,group=forwarder}";
    await clock.advance(60_000);
    assert.equal(telemetry.gauges[gauge], 3);
    assert.equal(logs.lines.length, 2);
    assert.match(logs.lines[0]!.message.join(""), /3 missing: Three are gone/);
    faults = [];
    await clock.advance(60_000);
    assert.equal(telemetry.gauges[gauge], 0);
    audit.stop();
  });

  it("a ledger that cannot be read is told, but for a topic that is not there yet", async () => {
    using logs = collectLogs();
    let code: "unavailable" | "unknown_topic" = "unknown_topic";
    const log = logOf(() => Promise.reject(new QueueError(code, "No such disk")));
    const { clock, telemetry, audit } = open(() => balanced, log);
    await clock.advance(0);
    assert.equal(logs.lines.length, 0);
    code = "unavailable";
    assert.deepEqual(await audit.check(), []);
    assert.equal(telemetry.counters["shelfcast.ledger.unreadable"], 1);
    assert.match(logs.lines[0]!.message.join(""), /cannot be read: No such disk/);
    audit.stop();
  });

  it("K5 the metrics equal what was offered to a real log, and what became of it", async () => {
    const directory = await Deno.makeTempDir();
    try {
      await using queue = await openFileLog({ directory });
      const telemetry = createRecordingTelemetry();
      const clock = createFakeClock();
      const acceptor = createEventAcceptor({
        queue,
        topic,
        acceptTimeoutMs: 0,
        clock,
        telemetry,
        receipts: createEventReceipts({ isDelivery: false }),
      });
      const log = { ledger: openFileLogLedger({ directory }), topic, groups: ["forwarder"] };
      const audit = auditLedger({ acceptance: () => acceptor.ledger, log, clock, telemetry });
      for (let n = 0; n < 7; n++) acceptor.offer("event-1", { value: new Uint8Array(n) });
      acceptor.offer("event-1", { value: new Uint8Array(2_000_000) });
      const pending = acceptor.awaitAnswers(5000);
      assert.equal(await pending, 0);
      const reading = queue.subscribe(topic, {
        group: "forwarder",
        from: "earliest",
        until: "end",
      });
      for await (const batch of reading) await batch.commit(4n, { deadLettered: [1n] });
      assert.deepEqual(await audit.check(), []);
      const { counters, gauges } = telemetry;
      const of = (name: string) => gauges[`shelfcast.ledger.${name}{topic=events,group=forwarder}`];
      assert.deepEqual(
        [
          counters["shelfcast.events.offered"],
          counters["shelfcast.events.accepted"],
          counters["shelfcast.events.refused{reason=too_large}"],
          gauges["shelfcast.events.pending"],
          gauges["shelfcast.ledger.accepted{topic=events}"],
          ...["delivered", "dead_lettered", "dropped", "queued", "lost"].map(of),
        ],
        [8, 7, 1, 0, 7, 4, 1, 0, 2, 0],
      );
      audit.stop();
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
