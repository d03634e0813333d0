/** What the conservation test does to a file log, and what the ledger must then say. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { FileLogOptions } from "../../adapters/queue/file_log/file_log_options.ts";
import { batchHeaderBytes, headerAt } from "../../adapters/queue/file_log/format/batch_format.ts";
import { segmentHeaderBytes } from "../../adapters/queue/file_log/format/segment_header.ts";
import { viewOf } from "../../adapters/queue/file_log/format/uint64.ts";
import { openFileLogLedger } from "../../adapters/queue/file_log/operate/log_ledger.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { directory, fastClock } from "../adapters/file_log/crash_scenario.ts";
import {
  afterPowerCut,
  createMemoryDisk,
  type DiskFaults,
  type MemoryDisk,
} from "../adapters/file_log/memory_disk.ts";
import { createSyncFault, isSegment } from "../adapters/file_log/sync_fault.ts";
import { seeded } from "./campaign.ts";

const topic = "events";
const groups = ["early", "late"] as const;
type Group = typeof groups[number];

export type LedgerStep =
  | { readonly kind: "publish"; readonly sizes: readonly number[] }
  /**
   * Reads so many records as a group, of which each third goes to the dead letters, and commits in
   * the middle of a batch.
   */
  | { readonly kind: "consume"; readonly group: Group; readonly records: number }
  | { readonly kind: "failed sync"; readonly records: number }
  | { readonly kind: "reopen" | "kill" | "repair" }
  | { readonly kind: "power cut"; readonly luck: number }
  /** A bit of a batch flips, and the writer comes upon it. */
  | { readonly kind: "damage"; readonly place: number };

const group = fc.constantFrom(...groups);
export const ledgerSteps: fc.Arbitrary<readonly LedgerStep[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("publish" as const),
        sizes: fc.array(fc.nat(2500), { minLength: 1, maxLength: 8 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("consume" as const),
        group,
        records: fc.integer({ min: 1, max: 20 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("failed sync" as const),
        records: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("reopen" as const, "kill" as const, "repair" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("power cut" as const), luck: fc.nat(2 ** 31 - 1) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("damage" as const), place: fc.nat(2 ** 31 - 1) }),
    },
  ),
  { minLength: 1, maxLength: 25, size: "max" },
);

/** What the test itself counted. */
interface Oracle {
  accepted: number;
  readonly passed: Record<Group, { delivered: number; deadLettered: number }>;
}

interface Machine {
  readonly disk: MemoryDisk;
  readonly log: EventLog;
  readonly fault: ReturnType<typeof createSyncFault>;
}

async function start(
  steps: MemoryDisk["steps"],
  options: Partial<FileLogOptions>,
): Promise<Machine> {
  const fault = createSyncFault();
  const faults: DiskFaults = { sync: fault.sync };
  const disk = createMemoryDisk(steps, faults);
  let elapsed = 0;
  const log = await openFileLog({
    directory,
    disk,
    clock: fastClock(),
    topics: [topic],
    // What a group has not read is taken away, too.
    maxBytes: 32 * 1024,
    elapsedMs: () => elapsed += 1000,
    skipCorrupt: true,
    newLogId: () => new Uint8Array(16).fill(7),
    ...options,
  });
  return { disk, log, fault };
}

/** Does the steps; after each the ledger must balance. @returns What was reached. */
export async function balanceAfter(script: readonly LedgerStep[]): Promise<Record<string, number>> {
  const oracle: Oracle = {
    accepted: 0,
    passed: {
      early: { delivered: 0, deadLettered: 0 },
      late: { delivered: 0, deadLettered: 0 },
    },
  };
  const reached: Record<string, number> = {};
  const note = (what: string, by: number) => reached[what] = (reached[what] ?? 0) + by;
  let machine = await start([], {});
  try {
    for (const step of script) {
      note(step.kind, 1);
      machine = await doStep(machine, step, oracle);
      await assertBalance(machine.disk, oracle, note);
    }
  } finally {
    await machine.log[Symbol.asyncDispose]();
  }
  return reached;
}

async function assertBalance(
  disk: MemoryDisk,
  { accepted, passed }: Oracle,
  note: (what: string, by: number) => void,
): Promise<void> {
  const ledger = await openFileLogLedger({ directory, disk, clock: fastClock() }).read(
    topic,
    groups,
  );
  assert.deepEqual(ledger.faults, []);
  assert.ok(ledger.isSettled);
  assert.equal(ledger.accepted, accepted);
  note("record taken away", ledger.takenAway);
  for (const { group, delivered, deadLettered, dropped, lost } of ledger.groups) {
    assert.deepEqual({ delivered, deadLettered }, passed[group as Group], group);
    note("dropped", dropped);
    note("lost", lost);
  }
}

async function doStep(machine: Machine, step: LedgerStep, oracle: Oracle): Promise<Machine> {
  const { disk, log, fault } = machine;
  const restart = async (steps: MemoryDisk["steps"]): Promise<Machine> => {
    const next = await start(steps, {});
    await log[Symbol.asyncDispose]();
    return next;
  };
  switch (step.kind) {
    case "publish":
      await publish(log, step.sizes, oracle);
      return machine;
    case "failed sync":
      fault.arm();
      await publish(log, Array(step.records).fill(100), oracle);
      return machine;
    case "consume":
      await consume(log, step, oracle);
      return machine;
    case "reopen":
      await log[Symbol.asyncDispose]();
      return await start(disk.steps, {});
    case "kill":
      return await restart([...disk.steps]);
    case "power cut":
      return await restart([...afterPowerCut(disk.steps, seeded(step.luck))]);
    case "repair":
      await log[Symbol.asyncDispose]();
      await (await openFileLogTools({ directory, disk, clock: fastClock() }))
        .repair(topic, { dryRun: false });
      return await start(disk.steps, {});
    case "damage":
      await damage(disk, step.place);
      return await restart([...disk.steps]);
  }
}

async function publish(log: EventLog, sizes: readonly number[], oracle: Oracle): Promise<void> {
  const published = await Promise.allSettled(
    sizes.map((size) => log.publish(topic, { value: new Uint8Array(size) })),
  );
  oracle.accepted += published.filter(({ status }) => status === "fulfilled").length;
}

async function consume(
  log: EventLog,
  { group, records: wanted }: Extract<LedgerStep, { kind: "consume" }>,
  { passed }: Oracle,
): Promise<void> {
  let left = wanted;
  const from = group === "early" ? "earliest" : "latest";
  try {
    for await (const batch of log.subscribe(topic, { group, from, until: "end", maxRecords: 7 })) {
      const records = batch.records.slice(0, left);
      const offsets = records.map(({ offset }) => offset);
      const deadLettered = offsets.filter((offset) => offset % 3n === 0n);
      await batch.commit(offsets.at(-1), { deadLettered });
      passed[group].delivered += records.length - deadLettered.length;
      passed[group].deadLettered += deadLettered.length;
      left -= records.length;
      if (left === 0) return;
    }
  } catch (error) {
    // At the end of the last segment, where the writer has not been yet.
    if (!(error instanceof QueueError && error.code === "corrupt")) throw error;
  }
}

/** Flips a bit in the records of a batch of some segment. */
async function damage(disk: MemoryDisk, place: number): Promise<void> {
  const names = [...disk.state.names.keys()].filter(isSegment).toSorted();
  const path = names[place % names.length]!;
  const file = await disk.open(path, "write");
  const bytes = new Uint8Array(await file.size());
  await file.read(0, bytes);
  const bodies: number[] = [];
  for (let at = segmentHeaderBytes; at + batchHeaderBytes < bytes.length;) {
    const header = headerAt(viewOf(bytes), at);
    if (header === undefined) break;
    bodies.push(at + batchHeaderBytes);
    at += header.bytes;
  }
  const at = bodies[place % (bodies.length || 1)];
  if (at !== undefined) await file.write(at, new Uint8Array([bytes[at]! ^ 1]));
  file.close();
}
