/** How fast records are appended, by the number of writers, beside C and SQLite. */
import process from "node:process";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { appendFor, openSqliteLoad, recordBytes } from "./append_load.ts";
import { observeDisk } from "./observed_disk.ts";
import type { RawLimit } from "./raw_limit.ts";
import { type Samples, samples } from "./samples.ts";

export interface AppendResult {
  readonly writers: number;
  /** Records a second. */
  readonly raw: Samples;
  readonly log: Samples;
  readonly sqlite: Samples;
  /** Of runs that stand next to each other. */
  readonly ratio: Samples;
  readonly timesSqlite: Samples;
  /**
   * Of this process, all threads, in µs: what the log costs beside the disk, whatever else the
   * machine does.
   */
  readonly cpuPerRecord: Samples;
  readonly syncsPerRecord: number;
  readonly diskBytesPerRecord: number;
}

const segmentBytes = 64 * 1024 * 1024;
const batchHeaderBytes = 48;

/** Raw limit, log and SQLite in turn, so that what else the machine does meets them alike. */
export async function benchAppend(
  raw: RawLimit,
  directory: string,
  writers: number,
  rounds: number,
  forMs: number,
): Promise<AppendResult> {
  const batchBytes = Math.ceil((batchHeaderBytes + writers * recordBytes) / 8) * 8;
  const [raws, logs, sqlites]: [number[], number[], number[]] = [[], [], []];
  const cpu: number[] = [];
  let [records, stored, syncs, bytes] = [0, 0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const place = await Deno.makeTempDir({ dir: directory });
    raws.push(await raw.rate(place, batchBytes, segmentBytes, forMs) * writers);

    const observed = observeDisk();
    const log = await openFileLog({ directory: `${place}/log`, segmentBytes, disk: observed.disk });
    // What is compiled on the way is not measured.
    const warm = await appendFor(log, writers, forMs / 4);
    observed.syncs = 0;
    const cpuBefore = process.cpuUsage();
    const appended = await appendFor(log, writers, forMs);
    const { user, system } = process.cpuUsage(cpuBefore);
    logs.push(appended.perSecond);
    syncs += observed.syncs;
    records += appended.records;
    stored += warm.records + appended.records;
    cpu.push((user + system) / appended.records);
    await log[Symbol.asyncDispose]();
    bytes += await diskBytes(`${place}/log/bench`);

    const sqlite = openSqliteLoad(`${place}/sqlite`);
    sqlites.push(sqlite.rate(writers, forMs));
    sqlite.close();
    await Deno.remove(place, { recursive: true });
  }
  return {
    writers,
    raw: samples(raws),
    log: samples(logs),
    sqlite: samples(sqlites),
    ratio: samples(logs.map((rate, n) => rate / (raws[n] ?? NaN))),
    timesSqlite: samples(logs.map((rate, n) => rate / (sqlites[n] ?? NaN))),
    cpuPerRecord: samples(cpu),
    syncsPerRecord: syncs / records,
    diskBytesPerRecord: bytes / stored,
  };
}

async function diskBytes(directory: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(".segment")) continue;
    bytes += ((await Deno.stat(`${directory}/${name}`)).blocks ?? 0) * 512;
  }
  return bytes;
}
