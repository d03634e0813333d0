/**
 * A run of two writers and a reader that commits, over rolling segments, and what must be true
 * after any crash of it.
 */
import assert from "node:assert/strict";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { FileLogOptions } from "../../../adapters/queue/file_log/file_log_options.ts";
import { decodeIdentity } from "../../../adapters/queue/file_log/format/stored_page.ts";
import { readGroupState } from "../../../adapters/queue/file_log/segments/slots.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { StoredRecord } from "../../../src/ports/event_record.ts";
import { createMemoryDisk, type DiskStep, type MemoryDisk } from "./memory_disk.ts";

export const topic = "events";
export const directory = "/data/queue";
export const group = "readers";
const folder = `${directory}/${topic}`;

type Note =
  | { readonly tried: string }
  | { readonly accepted: string; readonly offset: number }
  | { readonly committed: number };

/** Runs as fast as it can, always forwards. */
export function fastClock(): Clock {
  let now = 1_700_000_000_000;
  return {
    now: () => now += 1,
    after(delayMs, task) {
      // What comes once a minute does not come in a run of milliseconds.
      if (delayMs >= 60_000) return () => {};
      const timer = setTimeout(task, 0);
      return () => clearTimeout(timer);
    },
  };
}

export function openOn(
  disk: MemoryDisk,
  options: Partial<FileLogOptions> = {},
): Promise<EventLog> {
  const id = disk.steps.length % 251;
  return openFileLog({
    directory,
    disk,
    clock: fastClock(),
    segmentBytes: 12 * 1024,
    newLogId: () => new Uint8Array(16).fill(id),
    ...options,
  });
}

/** Publishes values of growing length, several at once, and notes what is accepted. */
export async function publishOn(
  disk: MemoryDisk,
  log: EventLog,
  writer: string,
  count: number,
): Promise<void> {
  for (let n = 0; n < count; n += 3) {
    await Promise.allSettled([0, 1, 2].map(async (k) => {
      const value = `${writer}:${n + k}:${"x".repeat((n * 97 + k * 31) % 900)}`;
      disk.note({ tried: value } satisfies Note);
      const report = await log.publish(topic, { value: new TextEncoder().encode(value) });
      disk.note({ accepted: value, offset: Number(report.offset) } satisfies Note);
    }));
  }
}

/** Reads what there is as a group, in small batches, and notes what is committed. */
export async function consumeOn(disk: MemoryDisk, log: EventLog): Promise<void> {
  const options = { group, from: "earliest", until: "end", maxRecords: 4 } as const;
  for await (const batch of log.subscribe(topic, options)) {
    await batch.commit();
    disk.note({ committed: Number(batch.records.at(-1)?.offset ?? 0n) + 1 } satisfies Note);
  }
}

/** Two writers at once, then one, with a reader in another process between and behind them. */
export async function runScenario(
  disk: MemoryDisk,
  options: Partial<FileLogOptions> = {},
): Promise<void> {
  await using one = await openOn(disk, options);
  await publishOn(disk, one, "first", 3);
  await using two = await openOn(disk, options);
  await Promise.all([publishOn(disk, one, "one", 15), publishOn(disk, two, "two", 15)]);
  await consumeOn(disk, two);
  await publishOn(disk, one, "last", 12);
  await consumeOn(disk, two);
}

/**
 * Opens the log as a crash has left it. Throws where a record that was accepted is missing or
 * changed, where one was invented, where order is broken, an offset was given twice, or a commit is
 * lost or passes the end.
 *
 * @param options With required groups, what they have read may be gone.
 */
export async function assertSurvived(
  before: readonly DiskStep[],
  disk: MemoryDisk,
  options: Partial<FileLogOptions> = {},
): Promise<void> {
  const notes = before.flatMap((step) => step.kind === "note" ? [step.note as Note] : []);
  const accepted = notes.filter((note) => "accepted" in note);
  const tried = new Set(notes.flatMap((note) => "tried" in note ? [note.tried] : []));
  const committed = Math.max(0, ...notes.map((note) => "committed" in note ? note.committed : 0));

  await using log = await openOn(disk, options);
  const settled = await log.publish(topic, { value: new TextEncoder().encode("after") });
  const records = await readAll(log);
  const position = await storedPosition(disk);
  const values = records.map(valueOf);
  const byOffset = new Map(records.map((record, n) => [Number(record.offset), values[n]]));
  for (const note of accepted) {
    const mayBeGone = options.requiredGroups !== undefined && note.offset < position;
    if (mayBeGone && !byOffset.has(note.offset)) continue;
    assert.equal(byOffset.get(note.offset), note.accepted, `accepted record at ${note.offset}`);
    assert.ok(settled.offset > BigInt(note.offset), `offset ${note.offset} was given twice`);
  }
  assert.equal(values.at(-1), "after");
  for (const value of values.slice(0, -1)) assert.ok(tried.delete(value), `invented: ${value}`);
  for (const [n, record] of records.entries()) {
    assert.ok(n === 0 || record.offset > (records[n - 1]?.offset ?? 0n), "offsets grow");
  }
  for (const writer of ["first", "one", "two", "last", "again"]) {
    const numbers = values.filter((v) => v.startsWith(`${writer}:`)).map((v) =>
      Number(v.split(":")[1])
    );
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), `order of writer "${writer}"`);
  }
  assert.ok(position >= committed, `commit ${committed} was lost, found ${position}`);
  assert.ok(position <= Number(settled.offset), `commit ${position} passes the end`);
}

const valueOf = (record: StoredRecord): string =>
  new TextDecoder().decode(record.value ?? new Uint8Array(0));

async function readAll(log: EventLog): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
    records.push(...batch.records);
  }
  return records;
}

async function storedPosition({ state }: MemoryDisk): Promise<number> {
  const inode = state.names.get(`${folder}/group.${group}`);
  const idFile = state.names.get(`${folder}/id`);
  if (typeof inode !== "number" || typeof idFile !== "number") return 0;
  const id = decodeIdentity(state.files.get(idFile) ?? new Uint8Array(0));
  if (!(id instanceof Uint8Array)) return 0;
  // Read from a copy, so that the step does not stand among those of the scenario.
  const copy = createMemoryDisk([
    { kind: "create", path: "/group", inode: 1 },
    { kind: "write", inode: 1, at: 0, bytes: state.files.get(inode) ?? new Uint8Array(0) },
  ]);
  const found = await readGroupState(await copy.open("/group", "read"), id);
  return typeof found === "object" ? found.position : 0;
}
