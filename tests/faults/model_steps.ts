/**
 * What the model test does to a file log and to its oracle, a log in memory, and how it compares
 * them.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import type { RecordBatch, SubscribeOptions } from "../../src/ports/event_source.ts";
import { directory, fastClock } from "../adapters/file_log/crash_scenario.ts";
import {
  afterPowerCut,
  createMemoryDisk,
  type MemoryDisk,
} from "../adapters/file_log/memory_disk.ts";
import { seeded } from "./campaign.ts";

const topic = "events";
export const groups = ["early", "late"] as const;
export type Group = typeof groups[number];

export type Step =
  | { readonly kind: "publish"; readonly by: 0 | 1; readonly records: readonly EventRecord[] }
  /** Reads so many records as a group, and commits those that `commits` names, in that order. */
  | { readonly kind: "consume"; readonly group: Group; readonly commits: readonly number[] }
  /** Both groups read and commit all there is. */
  | { readonly kind: "catch up" }
  /** Both logs are closed and opened again. */
  | { readonly kind: "reopen" }
  /** The processes are killed; what they wrote is there. */
  | { readonly kind: "kill" }
  /** The power is cut so many steps of the disk after these records were sent. */
  | {
    readonly kind: "power cut";
    readonly records: readonly EventRecord[];
    readonly after: number;
    readonly luck: number;
  };

const bytes = fc.uint8Array({ maxLength: 40 });
const record: fc.Arbitrary<EventRecord> = fc.record({
  value: fc.oneof(
    { weight: 6, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constant(null) },
    // Large enough that a few of them fill a segment.
    { weight: 3, arbitrary: fc.nat(6000).map((length) => new Uint8Array(length).fill(length)) },
  ),
  key: fc.oneof(bytes, fc.string({ maxLength: 5 }).filter((text) => text.isWellFormed())),
  headers: fc.array(
    fc.tuple(fc.constantFrom("a", "traceparent", "ü"), fc.uint8Array({ maxLength: 5 })),
    { maxLength: 3 },
  ),
  timestamp: fc.nat(2 ** 31 - 1),
}, { requiredKeys: ["value", "timestamp"] });

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("publish" as const),
        by: fc.constantFrom(0 as const, 1 as const),
        records: fc.array(record, { minLength: 1, maxLength: 5 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("consume" as const),
        group: fc.constantFrom(...groups),
        commits: fc.uniqueArray(fc.nat(5), { maxLength: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "catch up" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("power cut" as const),
        records: fc.array(record, { maxLength: 4 }),
        after: fc.nat(40),
        luck: fc.nat(2 ** 31 - 1),
      }),
    },
  ),
  { minLength: 1, maxLength: 16, size: "max" },
);

/** Two logs over one disk, as two processes have them. */
interface Machine {
  readonly disk: MemoryDisk;
  readonly logs: readonly [EventLog, EventLog];
}

async function start(disk: MemoryDisk): Promise<Machine> {
  let elapsed = 0;
  const open = () =>
    openFileLog({
      directory,
      disk,
      clock: fastClock(),
      segmentBytes: 12 * 1024,
      // Segments go as soon as both groups have read them.
      requiredGroups: groups,
      keepDeliveredMs: 0,
      elapsedMs: () => elapsed += 10,
      newLogId: () => new Uint8Array(16).fill(7),
    });
  return { disk, logs: [await open(), await open()] };
}

async function stop({ logs }: Machine): Promise<void> {
  for (const log of logs) await log[Symbol.asyncDispose]();
}

/**
 * Does the steps, and compares after each; resolves with the number of segments in the end, and of
 * records taken away.
 */
export async function runSteps(
  script: readonly Step[],
  oracle: EventLog,
): Promise<{ readonly segments: number; readonly removed: number }> {
  let machine = await start(createMemoryDisk());
  const first: EventRecord = { value: new Uint8Array(0), timestamp: 1 };
  await Promise.all([oracle, machine.logs[0]].map((log) => log.publish(topic, first)));
  for (const step of script) {
    machine = await doStep(machine, oracle, step);
    await assertEqual(machine.logs[1], oracle);
  }
  const removed = (await readAll(oracle)).length - (await readAll(machine.logs[0])).length;
  await stop(machine);
  const names = [...machine.disk.state.names.keys()];
  return { segments: names.filter((name) => name.endsWith(".segment")).length, removed };
}

async function doStep(machine: Machine, oracle: EventLog, step: Step): Promise<Machine> {
  switch (step.kind) {
    case "publish": {
      const reports = await Promise.all(
        [oracle, machine.logs[step.by]].map((log) => publishAll(log, step.records)),
      );
      assert.deepEqual(reports[1], reports[0]);
      return machine;
    }
    case "consume": {
      const read = [];
      for (const log of [oracle, machine.logs[0]]) read.push(await consume(log, step));
      assert.deepEqual(read[1], read[0]);
      return machine;
    }
    case "catch up":
      for (const log of [oracle, machine.logs[0]]) {
        for (const group of groups) {
          for await (const batch of log.subscribe(topic, asGroup(group))) await batch.commit();
        }
      }
      return machine;
    case "reopen":
      await stop(machine);
      return await start(machine.disk);
    case "kill": {
      const next = await start(createMemoryDisk(machine.disk.steps));
      await stop(machine);
      return next;
    }
    case "power cut":
      return await cutPower(machine, oracle, step);
  }
}

const publishAll = (log: EventLog, records: readonly EventRecord[]) =>
  Promise.all(records.map((record) => log.publish(topic, record)));

async function consume(
  log: EventLog,
  { group, commits }: Extract<Step, { kind: "consume" }>,
): Promise<readonly StoredRecord[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of log.subscribe(topic, asGroup(group))) {
    if (batches.push(batch) === 6) {
      // Committed while the subscription holds the group's place.
      await Promise.all(commits.map((n) => batches[n]?.commit()));
      break;
    }
  }
  return batches.flatMap((batch) => batch.records);
}

const asGroup = (group: Group): SubscribeOptions => ({
  group,
  from: group === "early" ? "earliest" : "latest",
  until: "end",
  maxRecords: 1,
});

/**
 * What was accepted before the cut must stand; of the rest a part may, from the first on: then the
 * oracle takes it, too.
 */
async function cutPower(
  machine: Machine,
  oracle: EventLog,
  { records, after, luck }: Extract<Step, { kind: "power cut" }>,
): Promise<Machine> {
  const { disk, logs } = machine;
  const from = disk.steps.length;
  await Promise.all(records.map(async (record) => {
    await logs[0].publish(topic, record);
    disk.note("accepted");
  }));
  const before = disk.steps.slice(0, from + after);
  const accepted = before.slice(from).filter(({ kind }) => kind === "note").length;
  const left = afterPowerCut(before, seeded(luck));
  await stop(machine);
  const next = await start(createMemoryDisk(left));
  const known = BigInt((await readAll(oracle)).length);
  const survivors = (await readAll(next.logs[0])).filter(({ offset }) => offset >= known).length;
  assert.ok(survivors >= accepted, `${accepted} accepted, ${survivors} survived`);
  await publishAll(oracle, records.slice(0, survivors));
  return next;
}

async function readAll(log: EventLog): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    records.push(...batch.records);
  }
  return records;
}

/** Where a group stands: the offset of the record that it gets next, or none. */
async function positionOf(log: EventLog, group: Group): Promise<bigint | undefined> {
  for await (const batch of log.subscribe(topic, asGroup(group))) return batch.records[0]?.offset;
  return undefined;
}

/**
 * Equal, but for the oldest records that both groups have read: retention may have taken those
 * away.
 */
async function assertEqual(log: EventLog, oracle: EventLog): Promise<void> {
  const [records, expected] = [await readAll(log), await readAll(oracle)];
  const left = expected.slice(expected.length - records.length);
  assert.deepEqual(records, left);
  const first = left[0]?.offset ?? BigInt(expected.length);
  for (const group of groups) {
    const position = await positionOf(oracle, group);
    assert.equal(await positionOf(log, group), position, group);
    assert.ok(position === undefined || position >= first, `${group} had not read ${position}`);
  }
}
