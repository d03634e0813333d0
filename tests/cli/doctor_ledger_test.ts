/** `doctor --ledger`: what is told of a ledger, whole or not. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLogLedger } from "../../adapters/queue/file_log/operate/log_ledger.ts";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { DoctorServices } from "../../src/cli/doctor_services.ts";
import { type Clock, systemClock } from "../../src/ports/clock.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { deadLetterOf } from "../../src/wire/dead_letter.ts";
import { deadLetterTopic } from "../../src/domain/topic_name.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import type { PartitionExtent } from "../../src/ports/topic_extent.ts";
import { createFakeClock } from "../fake_clock.ts";
import { runCommand, until } from "./run_command.ts";
import { contents, type StoredLog, topic, withStoredLog } from "./stored_log.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const idOf = (n: number) => `01a1fcb5-f9b8-7311-9099-${String(n).padStart(12, "0")}`;
const event = (n: number): EventRecord => ({
  key: `k${n}`,
  value: encode(`${n}`),
  headers: [["ce_id", encode(idOf(n))]],
  timestamp: 1000 + n,
});
const whole: readonly PartitionExtent[] = [{ partition: 0, begin: 0n, end: 100n }];

/**
 * Publishes to the buffer, and lets the forwarder pass so many; those of `poison` went to the dead
 * letters.
 */
async function forward(
  stored: StoredLog,
  records: readonly EventRecord[],
  passed: number,
  poison: readonly number[] = [],
): Promise<void> {
  await using log = await stored.open();
  for (const record of records) await log.publish(topic, record);
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const record of batch.records.filter(({ offset }) => poison.includes(Number(offset)))) {
      const cause = { topic, partition: 0, group: "forwarder", reason: "too_large" };
      const letter = deadLetterOf(record, { ...cause, message: "Too large", failedAt: 1 });
      await log.publish(deadLetterTopic(topic), letter);
    }
  }
  let left = passed;
  for await (const batch of log.subscribe(topic, { group: "forwarder", from: "earliest" })) {
    const offsets = batch.records.slice(0, left).map(({ offset }) => offset);
    const deadLettered = offsets.filter((offset) => poison.includes(Number(offset)));
    await batch.commit(offsets.at(-1), { deadLettered });
    left -= offsets.length;
    if (left === 0) return;
  }
}

interface Cluster {
  readonly records?: readonly EventRecord[];
  readonly extents?: readonly PartitionExtent[];
  readonly error?: QueueError;
  /** Gives no record once it is read. */
  readonly isSilent?: boolean;
  readonly clock?: Clock;
}

async function diagnose(
  { directory }: StoredLog,
  { records = [], extents = whole, error, isSilent = false, clock = systemClock }: Cluster,
  ...args: readonly string[]
) {
  const target: EventLog = openMemoryLog({ topics: [topic] });
  for (const record of records) await target.publish(topic, record);
  const doctor: DoctorServices = {
    missingPermissions: () => Promise.resolve([]),
    narrowCommand: () => "deno run",
    cautions: () => [],
    probes: () => [],
    openLedger: (directory) => Promise.resolve(openFileLogLedger({ directory })),
    comparedLog: () => ({
      address: "b:9092",
      open: () =>
        Promise.resolve({
          source: isSilent ? silent(target) : target,
          readExtent: () => error === undefined ? Promise.resolve(extents) : Promise.reject(error),
        }),
    }),
  };
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    const mq = { adapter: "kafka", topic, file: { directory }, brokers: ["b:9092"] };
    await Deno.writeTextFile(file, JSON.stringify({ mq }));
    return await runCommand(["doctor", "--ledger", "--config", file, ...args], {
      doctor,
      clock,
    });
  } finally {
    await Deno.remove(file);
  }
}

/** Ends when it is told to, and not before. */
const silent = (log: EventLog): EventLog => ({
  ...log,
  subscribe: (topic, options = {}) => {
    const { signal } = options;
    return log.subscribe(topic, { ...(signal && { signal }) });
  },
});

async function matchOf(stored: StoredLog, cluster: Cluster) {
  const { code, stdout } = await diagnose(stored, cluster, "--format", "json");
  const { match } = JSON.parse(stdout);
  return { code, ...match };
}

const events = (from: number, end: number) =>
  Array.from({ length: end - from }, (_, n) => event(from + n));

describe("doctor --ledger", () => {
  it("finds what was delivered, and does not miss what is still to be forwarded", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 50), 40);
      // The newest five were delivered, and not committed yet.
      const { code, stdout } = await diagnose(stored, { records: events(0, 45) });
      assert.equal(code, 0);
      assert.match(stdout, /50 accepted; 0 before it \+ 40 delivered \+ .* 10 queued \+ 0 lost\n/);
      assert.match(stdout, /The ledger balances\n/);
      assert.match(stdout, /^40 events of the buffer were forwarded/m);
      assert.match(stdout, /^40 of them are in the topic/m);
      assert.match(stdout, /^ 0 are MISSING/m);
      assert.match(stdout, /^ 5 records of the topic are others/m);
      assert.match(stdout, /^10 events are still to be forwarded/m);
    }));

  it("names what is missing, in the order of the buffer, and exits with 1", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 30), 30);
      const records = events(0, 30).filter((_, n) => n !== 7 && n !== 21);
      const { code, stdout } = await diagnose(stored, { records });
      assert.equal(code, 1);
      assert.match(stdout, /^ 2 are MISSING/m);
      const named = [...stdout.matchAll(/missing: (\S+), offset (\d+), (\S+)/g)];
      assert.deepEqual(named.map(([, ...parts]) => parts), [
        [idOf(7), "7", "1970-01-01T00:00:01.007Z"],
        [idOf(21), "21", "1970-01-01T00:00:01.021Z"],
      ]);
    }));

  it("says so where the topic was made again since", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 30), 30);
      const extents = [{ partition: 0, begin: 0n, end: 4n }];
      const { code, stdout } = await diagnose(stored, { records: events(26, 30), extents });
      assert.equal(code, 1);
      assert.match(stdout, /^26 are MISSING/m);
      assert.match(stdout, /has given 4 offsets in all, .* it was deleted and made again/);
    }));

  it("counts duplicates and dead letters", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 10), 10, [3, 4]);
      const records = [...events(0, 3), ...events(5, 10), event(9), event(9)];
      const { code, ...match } = await matchOf(stored, { records });
      const counts = {
        compared: 10,
        found: 8,
        deadLettered: 2,
        because: { retention: 0, compaction: 0, transaction: 0, times: 0 },
        given: 100,
        missing: 0,
        missingEvents: [],
      };
      const rest = { notComparable: 0, duplicates: 2, repeatedInBuffer: 0, others: 0 };
      assert.deepEqual([code, match], [0, { ...counts, ...rest }]);
    }));

  it("does not call lost what the topic's retention may have taken away", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 20), 20);
      const extents = [{ partition: 0, begin: 5n, end: 20n }];
      const left = events(10, 20).filter((_, n) => n !== 4);
      const match = await matchOf(stored, { records: left, extents });
      assert.deepEqual([match.code, match.found, match.notComparable, match.missing], [
        1,
        9,
        10,
        1,
      ]);
      const gone = [...extents, { partition: 1, begin: 7n, end: 7n }];
      const none = await matchOf(stored, { records: left, extents: gone });
      assert.deepEqual([none.code, none.notComparable, none.missing], [0, 11, 0]);
    }));

  it("knows records without an id by key, value and timestamp, and ids that are no UUID", () =>
    withStoredLog(async (stored) => {
      const plain: EventRecord = { key: "a", value: encode("b"), timestamp: 5 };
      const named: EventRecord = {
        value: null,
        headers: [["ce_id", encode("order-1")]],
        timestamp: 6,
      };
      const other: EventRecord = { key: "ab", value: encode(""), timestamp: 5 };
      const poison: EventRecord = { value: encode("never"), timestamp: 5 };
      await forward(stored, [plain, named, other, poison], 4, [3]);
      const moved = { ...named, value: encode("changed"), timestamp: 9 };
      const match = await matchOf(stored, { records: [plain, moved] });
      const { code, found, deadLettered, missing } = match;
      assert.deepEqual([code, found, deadLettered, missing], [1, 2, 1, 1]);
      assert.deepEqual(match.missingEvents, [{ offset: "2", timestamp: 5 }]);
    }));

  it("with the brokers away says so, prints the ledger, and exits with 1", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 10), 10);
      const error = new QueueError("unavailable", "Connection refused");
      const { code, stdout, stderr } = await diagnose(stored, { error });
      assert.equal(code, 1);
      assert.match(stdout, /10 delivered[^]*The ledger balances/);
      assert.match(stderr, /Not matched with topic "events" at b:9092: Connection refused/);
    }));

  it("does not wait for ever for brokers that fall silent while they are read", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 10), 10);
      const clock = createFakeClock();
      const command = diagnose(stored, { isSilent: true, clock });
      let isDone = false;
      command.then(() => isDone = true);
      await until(async () => {
        await clock.advance(15_000);
        return isDone;
      });
      const { code, stderr } = await command;
      assert.equal(code, 1);
      assert.match(stderr, /Not matched .*: No record came for 30000 ms/);
    }));

  it("changes nothing: no file, no group", () =>
    withStoredLog(async (stored) => {
      await forward(stored, events(0, 40), 20, [1]);
      const before = contents(stored);
      await diagnose(stored, { records: events(0, 20) });
      assert.deepEqual(contents(stored), before);
    }));

  it("exits with 1 where the ledger does not balance, and where there is none", () =>
    withStoredLog(async (stored) => {
      const none = await diagnose(stored, {});
      assert.deepEqual([none.code, none.stdout], [1, ""]);
      assert.match(none.stderr, /There is no ledger: topic "events" is not in the file log/);
      await forward(stored, events(0, 10), 10);
      await stored.append(5);
      const [name] = stored.segments();
      await Deno.truncate(`${stored.folder}/${name}`, 4096 + 48);
      const { code, stdout } = await diagnose(stored, { records: events(0, 10) });
      assert.equal(code, 1);
      assert.match(stdout, /The ledger does not balance, \d+ missing: /);
    }));

  it("--books, as it was called, names the option that is wanted", async () => {
    const { code, stdout, stderr } = await runCommand(["doctor", "--books"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /'--books' is now '--ledger'/);
  });
});
