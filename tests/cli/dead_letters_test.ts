/** `dead-letters`: what is listed, shown and brought back. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { deadLetterOf } from "../../src/wire/dead_letter.ts";
import { kept, runCommand } from "./run_command.ts";

const topic = "lr-book-searches";
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined) => new TextDecoder().decode(value ?? undefined);

const original = (n: number): StoredRecord => ({
  key: bytes(`dune${n}`),
  value: bytes(`[${n}]`),
  headers: [["ce_id", bytes(`id-${n}`)], ["none", null]],
  timestamp: 1_000_000 + n,
  offset: BigInt(n),
});

const cause = (group: string, named = topic) => ({
  topic: named,
  partition: 0,
  group,
  reason: "invalid_record",
  message: `Value is no JSON for ${group}`,
  failedAt: Date.UTC(2026, 0, 2),
});

/** Letters 0, 1, 2, … given up by these groups. */
async function logWith(...groups: readonly string[]): Promise<EventLog> {
  const log = openMemoryLog({ topics: [topic] });
  for (const [n, group] of groups.entries()) {
    await log.publish(`${topic}.dlq`, deadLetterOf(original(n), cause(group)));
  }
  return log;
}

async function recordsOf(log: EventLog, name = topic): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const batch of log.subscribe(name, { from: "earliest", until: "end" })) {
    records.push(...batch.records);
  }
  return records;
}

const deadLetters = (log: EventLog, ...args: readonly string[]) =>
  runCommand(["dead-letters", ...args], { log: kept(log) });

describe("dead-letters", () => {
  it("list: a line a letter says where it lies, who gave it up, where it was, and why", async () => {
    const log = await logWith("forwarder", "trends");
    const { code, stdout, stderr } = await deadLetters(log, "list");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      stdout,
      ["forwarder", "trends"].map((group, n) =>
        `test ${topic}.dlq 0:${n} 2026-01-02T00:00:00.000Z by ${group}, from ${topic} 0:${n}, ` +
        `invalid_record: Value is no JSON for ${group}\n`
      ).join(""),
    );
    const trends = await deadLetters(log, "list", "--group", "trends", "--format", "json");
    assert.deepEqual(JSON.parse(trends.stdout), {
      place: "test",
      topic: `${topic}.dlq`,
      partition: 0,
      offset: "1",
      original: { topic, partition: "0", offset: "1" },
      attempts: 1,
      group: "trends",
      reason: "invalid_record",
      message: "Value is no JSON for trends",
      lastFailedAt: "2026-01-02T00:00:00.000Z",
      redriven: false,
    });
  });

  it("list: where nothing was given up it says so", async () => {
    const { code, stdout } = await deadLetters(openMemoryLog({ topics: [topic] }), "list");
    assert.deepEqual([code, stdout], [0, `No dead letters of ${topic}\n`]);
  });

  it("list: a foreign record among them, and one that gives a terminal orders", async () => {
    const log = await logWith();
    await log.publish(`${topic}.dlq`, {
      value: null,
      headers: [["dlq-error-message", bytes("\u001b[31m\nforged")]],
      timestamp: 0,
    });
    const { code, stdout } = await deadLetters(log, "list");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `test ${topic}.dlq 0:0 1970-01-01T00:00:00.000Z by nobody who says so, no reason given: \\u001b[31m\\nforged\n`,
    );
  });

  it("show: one letter with key, headers and value; without one it says so", async () => {
    const log = await logWith("forwarder", "trends");
    const { code, stdout } = await deadLetters(log, "show", "0:1");
    assert.equal(code, 0);
    assert.match(stdout, /\nkey: dune1\nheaders:\n {2}ce_id: id-1\n {2}none: null\n/);
    assert.match(stdout, /\nvalue: \[1\]\n$/);
    const json = await deadLetters(log, "show", "1", "--format", "json");
    assert.equal(JSON.parse(json.stdout).record.key, "dune1");
    const missing = await deadLetters(log, "show", "7");
    assert.deepEqual([missing.code, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /^There is no dead letter of "lr-book-searches" at "0:7"/);
  });

  it("redrive: without --execute nothing happens but words", async () => {
    const log = await logWith("forwarder", "trends");
    const { code, stdout } = await deadLetters(log, "redrive");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `Letter 0:0 of group "forwarder" in test would go back to ${topic}\n` +
        `Letter 0:1 of group "trends" in test would go back to ${topic}\n` +
        "2 dead letters to bring back; --execute does it\n",
    );
    assert.deepEqual(await recordsOf(log), []);
  });

  it("G9 redrive: each goes back once, as it was, for the group that gave it up", async () => {
    const log = await logWith("trends", "forwarder", "trends");
    const { code, stdout } = await deadLetters(log, "redrive", "--group", "trends", "--execute");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /is back in lr-book-searches \[0\] @ offset 1\n2 dead letters brought back/,
    );
    const [first, second, ...rest] = await recordsOf(log);
    assert.deepEqual(rest, []);
    assert.deepEqual([text(first?.key), text(second?.key)], ["dune0", "dune2"]);
    assert.deepEqual([first?.timestamp, text(second?.value)], [1_000_000, "[2]"]);
    const headers = first?.headers.map(([name, value]) => [name, value && text(value)]);
    assert.deepEqual(headers, [
      ["ce_id", "id-0"],
      ["none", null],
      ["dlq-attempts", "1"],
      ["dlq-first-failed-at", "2026-01-02T00:00:00.000Z"],
      ["dlq-redrive-group", "trends"],
    ]);
    const listed = await deadLetters(log, "list");
    assert.deepEqual(
      listed.stdout.split("\n").map((line) => line.includes(", brought back,")),
      [true, false, true, false],
    );
    const again = await deadLetters(log, "redrive", "--execute");
    assert.match(again.stdout, /^Letter 0:1 of group "forwarder".*\n1 dead letter brought/);
    assert.equal((await recordsOf(log)).length, 3);
  });

  it("redrive: --count leaves the rest to the next one", async () => {
    const log = await logWith("a", "a", "a");
    for (const [expected, count] of [[2, "2"], [3, "2"], [3, "2"]] as const) {
      const { code } = await deadLetters(log, "redrive", "--count", count, "--execute");
      assert.equal(code, 0);
      assert.equal((await recordsOf(log)).length, expected);
    }
  });

  it("G8 redrive: what fails again is counted on, and keeps its first failure's time", async () => {
    const log = await logWith("trends");
    await deadLetters(log, "redrive", "--execute");
    const [back] = await recordsOf(log);
    assert.ok(back);
    await log.publish(
      `${topic}.dlq`,
      deadLetterOf(back, { ...cause("trends"), failedAt: Date.UTC(2026, 5, 1) }),
    );
    const [, letter] = await recordsOf(log, `${topic}.dlq`);
    const headers = Object.fromEntries(letter!.headers.map(([name, value]) => [name, text(value)]));
    assert.equal(headers["dlq-attempts"], "2");
    assert.equal(headers["dlq-first-failed-at"], "2026-01-02T00:00:00.000Z");
    assert.equal(headers["dlq-redrive-group"], undefined);
  });

  it("redrive: stops at the first that the log refuses, and goes on there the next time", async () => {
    const log = await logWith("a", "a", "a");
    let calls = 0;
    const failing: EventLog = {
      ...kept(log),
      publish: (...args) =>
        ++calls === 1
          ? log.publish(...args)
          : Promise.reject(new QueueError("full", "Log has no room")),
    };
    const { code, stderr } = await deadLetters(failing, "redrive", "--execute");
    assert.equal(code, 1);
    assert.match(stderr, /Log has no room/);
    assert.equal((await deadLetters(log, "redrive", "--execute")).code, 0);
    assert.deepEqual(
      (await recordsOf(log)).map(({ key }) => text(key)),
      ["dune0", "dune1", "dune2"],
    );
  });

  it("redrive: letters that do not say who gave them up stay, and are told", async () => {
    const log = await logWith("a");
    await log.publish(`${topic}.dlq`, { value: null });
    const { code, stdout, stderr } = await deadLetters(log, "redrive", "--execute");
    assert.equal(code, 1);
    assert.match(stderr, /do not say which group gave them up, and stay: 0:1\n$/);
    assert.match(stdout, /1 dead letter brought back\n$/);
  });

  it("redrive: a letter that names no topic stays, and is told", async () => {
    const log = openMemoryLog({ topics: [topic] });
    await log.publish(`${topic}.dlq`, deadLetterOf(original(0), cause("a", "no topic")));
    const { code, stderr } = await deadLetters(log, "redrive", "--execute");
    assert.equal(code, 1);
    assert.match(stderr, /^Letter 0:0 of group "a" in test stays: Topic name is "no topic"/);
  });

  it("a place that is none, and an address that is none, are wrong command lines", async () => {
    const log = await logWith();
    const place = await deadLetters(log, "list", "--in", "nowhere");
    assert.deepEqual([place.code, place.stderr], [
      2,
      'Option "--in" is "nowhere", wanted "test"\n',
    ]);
    assert.equal((await deadLetters(log, "show", "one")).code, 2);
  });
});
