/** How fast a log of some size is opened, scanned and read. */
import { denoDisk } from "../../adapters/queue/file_log/disk/deno_disk.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { batchHeaderBytes, findAt } from "../../adapters/queue/file_log/format/batch_format.ts";
import { checksumSeed } from "../../adapters/queue/file_log/format/checksum.ts";
import { decodeRecords } from "../../adapters/queue/file_log/format/record_format.ts";
import { segmentHeaderBytes } from "../../adapters/queue/file_log/format/segment_header.ts";
import { decodeIdentity } from "../../adapters/queue/file_log/format/stored_page.ts";
import { scanSegment } from "../../adapters/queue/file_log/segments/segment_scan.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import { topic } from "./append_load.ts";

const segmentBytes = 64 * 1024 * 1024;

interface StoredSegment {
  readonly path: string;
  readonly base: number;
  readonly seed: number;
}

async function segmentsOf(directory: string): Promise<readonly StoredSegment[]> {
  const folder = `${directory}/${topic}`;
  const logId = decodeIdentity(await Deno.readFile(`${folder}/id`));
  if (!(logId instanceof Uint8Array)) throw new Error(`No log in "${folder}"`);
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name))
    .filter((name) => name.endsWith(".segment"))
    .sort()
    .map((name) => {
      const base = Number.parseInt(name);
      return { path: `${folder}/${name}`, base, seed: checksumSeed(logId, base) };
    });
}

/**
 * Milliseconds until a log is ready to be appended to, closed in good order or left as a kill
 * leaves it.
 */
export async function openingMs(directory: string, left: "closed" | "killed"): Promise<number> {
  const last = (await segmentsOf(directory)).at(-1);
  // A writer that is killed does not give back what it laid out.
  if (left === "killed" && last !== undefined) await Deno.truncate(last.path, segmentBytes);
  const began = performance.now();
  const log = await openFileLog({ directory, segmentBytes, topics: [topic] });
  const ms = performance.now() - began;
  await log[Symbol.asyncDispose]();
  return ms;
}

/** Gigabytes a second at which recovery checks a segment; one number for each full segment. */
export async function scanRates(directory: string): Promise<readonly number[]> {
  const rates: number[] = [];
  for (const { path, base, seed } of (await segmentsOf(directory)).slice(0, -1)) {
    const file = await denoDisk.open(path, "read");
    const began = performance.now();
    const { bytes } = await scanSegment(file, { bytes: segmentHeaderBytes, next: base }, seed);
    rates.push(bytes / (performance.now() - began) / 1e6);
    file.close();
  }
  return rates;
}

/** Records a second that a subscription hands out. */
export async function readingRate(directory: string): Promise<number> {
  await using log = await openFileLog({ directory });
  const began = performance.now();
  let count = 0;
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    count += records.length;
  }
  return count / (performance.now() - began) * 1000;
}

/**
 * Records a second that are checked and decoded where the bytes are in memory and nobody is handed
 * anything.
 */
export async function parsingRate(directory: string): Promise<number> {
  let [count, ms] = [0, 0];
  for (const { path, base, seed } of await segmentsOf(directory)) {
    const bytes = await Deno.readFile(path);
    const began = performance.now();
    let [at, next] = [segmentHeaderBytes, base];
    while (true) {
      const found = findAt(bytes, at, next, seed);
      if (found.kind !== "batch") break;
      const { head } = found;
      const records: StoredRecord[] = [];
      decodeRecords(bytes.subarray(at + batchHeaderBytes, at + head.bytes), head, next, records);
      count += records.length;
      at += head.bytes;
      next += head.count;
    }
    ms += performance.now() - began;
  }
  return count / ms * 1000;
}
