/** `log release`, and what `log inspect` and `doctor` say of groups that hold a log. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { fileQueue } from "../../adapters/queue/file_log/declaration.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { Probe } from "../../src/ports/adapter_declaration.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { runCommand } from "./run_command.ts";
import { contents, type StoredLog, topic, withStoredLog } from "./stored_log.ts";

const maxBytes = 2 ** 20;
const requiredGroups = ["audit-v1", "audit-v2"];

/** Fills the log, which two groups hold, and reads all of it as one of them. */
async function fill(stored: StoredLog): Promise<number> {
  let accepted = 0;
  await using log = await stored.open({ maxBytes, requiredGroups, segmentBytes: 2 ** 18 });
  for (const bytes of [30_000, 3000]) {
    try {
      for (;; accepted++) await log.publish(topic, { value: new Uint8Array(bytes) });
    } catch (error) {
      assert.ok(error instanceof QueueError && error.code === "full");
      assert.match(
        error.message,
        /"audit-v1" \(has read nothing\), "audit-v2" \(has read nothing\)/,
      );
    }
  }
  const reading = log.subscribe(topic, { group: "audit-v2", from: "earliest", until: "end" });
  for await (const batch of reading) await batch.commit();
  return accepted;
}

function probeOf({ directory }: StoredLog): Probe {
  const values = {
    directory,
    segment_bytes: 2 ** 18,
    max_bytes: maxBytes,
    max_age_hours: 168,
    keep_delivered_hours: 24,
    required_groups: requiredGroups,
    retain_past_groups: false,
    reserve_bytes: 0,
    skip_corrupt: false,
  };
  return fileQueue.probe(values, { topic, topicPolicy: "ensure", clock: systemClock });
}

async function doctor(stored: StoredLog) {
  return await runCommand(["doctor"], {
    doctor: {
      probes: () => [probeOf(stored)],
      narrowCommand: () => "deno run",
      cautions: () => [],
      missingPermissions: () => Promise.resolve([]),
      comparedLog: () => undefined,
      openLedger: () => Promise.reject(new RangeError("Not asked for")),
    },
  });
}

describe("groups that hold a log", () => {
  it("doctor names each, how far it is behind, and what to do about the one that nobody reads as", () =>
    withStoredLog(async (stored) => {
      const accepted = await fill(stored);
      const { code, stdout } = await doctor(stored);
      assert.equal(code, 1);
      assert.match(
        stdout,
        /FAIL {2}file log +No room for new records, wanted at most 1048576 bytes/,
      );
      assert.match(
        stdout,
        /audit-v1 has read nothing \(required\), audit-v2 is 0 behind \(required\)/,
      );
      assert.match(
        stdout,
        new RegExp(
          `for audit-v1 are kept ${accepted} records since .* \\d+ % of .*log release audit-v1\n`,
        ),
      );
    }));

  it("doctor names one that nobody has ever opened the log with", () =>
    withStoredLog(async (stored) => {
      await stored.append(2);
      const { code, stdout } = await doctor(stored);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /ok {4}file log .*audit-v1 has read nothing \(required\), audit-v2 has read nothing \(required\)\n/,
      );
    }));
});

describe("log release", () => {
  it("without --yes says what it would give up, with --yes does, and inspect says so", () =>
    withStoredLog(async (stored) => {
      const accepted = await fill(stored);
      const kept = new RegExp(`audit-v1 +\\? +\\? +\\? +\\? +\\? +${accepted} records, \\d+ bytes`);
      const inspect = () => runCommand(["log", "inspect", stored.directory]);
      assert.match((await inspect()).stdout, kept);
      const before = contents(stored);
      const command = ["log", "release", "audit-v1", stored.directory];
      const dry = await runCommand(command);
      assert.equal(dry.code, 0);
      assert.match(dry.stdout, new RegExp(`has read nothing: ${accepted} records .*\nNothing was`));
      assert.deepEqual(contents(stored), before);
      const done = await runCommand([...command, "--yes"]);
      assert.deepEqual([done.code, done.stdout.endsWith("\nGiven up\n")], [0, true]);
      assert.match((await inspect()).stdout, /audit-v1 .* no, given up /);
      await stored.append(1);
      assert.match((await runCommand(command)).stdout, /audit-v1 was given up before\n$/);
    }));

  it("of a group that no topic has is told, exit code 1", () =>
    withStoredLog(async (stored) => {
      await stored.append(1);
      const { code, stdout } = await runCommand(["log", "release", "nobody", stored.directory]);
      assert.deepEqual([code, stdout], [1, "Topic events: there is no group nobody\n"]);
    }));

  it("is refused while somebody reads as the group", () =>
    withStoredLog(async (stored) => {
      await using log = await stored.open({ requiredGroups: ["audit"] });
      await log.publish(topic, { value: null });
      const reading = log.subscribe(topic, { group: "audit", from: "earliest" })
        [Symbol.asyncIterator]();
      await reading.next();
      const command = ["log", "release", "audit", stored.directory, "--yes"];
      const { code, stderr } = await runCommand(command);
      assert.equal(code, 1);
      assert.match(stderr, /^Group "audit" of topic "events" has an active member, wanted none/);
      await reading.return?.();
      assert.equal((await runCommand(command)).code, 0);
    }));
});
