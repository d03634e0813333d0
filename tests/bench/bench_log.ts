/** `deno task bench:log`: the file log against the disk itself and against SQLite. Prints Markdown, which the README quotes. */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { benchAppend } from "./append_bench.ts";
import { appendFor, appendRecords, topic } from "./append_load.ts";
import { benchStalls } from "./event_loop_stall.ts";
import { head, machine, row, thousands, withSpread } from "./markdown.ts";
import { buildRawLimit } from "./raw_limit.ts";
import { benchReaders, describeReaders } from "./reader_bench.ts";
import { samples } from "./samples.ts";
import { openingMs, parsingRate, readingRate, scanRates } from "./stored_log.ts";

/** Many and short, so that raw limit and log meet the same disk. */
const rounds = 11;
const forMs = 120;
/** For each number of writers: what is to be reached of the raw limit. */
const targets = [[1, 0.68], [16, 0.70], [64, 0.65], [256, 0.58], [1024, 0.55]] as const;
const logSizes = [10_000, 100_000, 1_000_000];

/** A shop runs for days: what is measured is code that has been compiled. */
async function warmUp(directory: string): Promise<void> {
  await using log = await openFileLog({ directory });
  for (const writers of [1, 16, 256]) await appendFor(log, writers, 800);
}

async function printAppending(directory: string): Promise<void> {
  const raw = await buildRawLimit(directory);
  console.log(`Median of ${rounds} rounds (least–most), ${machine()}. Records a second.\n`);
  head(
    "writers",
    "C",
    "log",
    "log ÷ C",
    "to reach",
    "log ÷ SQLite",
    "CPU, µs a record",
    "syncs a record",
    "bytes on disk a record",
  );
  for (const [writers, target] of targets) {
    const result = await benchAppend(raw, directory, writers, rounds, forMs);
    row(
      writers,
      thousands(result.raw.median),
      thousands(result.log.median),
      withSpread(result.ratio),
      target.toFixed(2),
      withSpread(result.timesSqlite),
      result.cpuPerRecord.median.toFixed(1),
      result.syncsPerRecord.toFixed(4),
      Math.round(result.diskBytesPerRecord),
    );
  }
}

async function printStored(directory: string): Promise<void> {
  console.log("");
  head("records in the log", "opened after a close", "after a kill");
  let stored = 0;
  for (const size of logSizes) {
    const log = await openFileLog({ directory });
    await appendRecords(log, size - stored);
    stored = size;
    await log[Symbol.asyncDispose]();
    const [closed, killed] = [
      await openingMs(directory, "closed"),
      await openingMs(directory, "killed"),
    ];
    row(size.toLocaleString("en"), `${closed.toFixed(0)} ms`, `${killed.toFixed(0)} ms`);
  }
  const scan = samples(await scanRates(directory));
  const [reads, parses]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    parses.push(await parsingRate(directory));
    reads.push(await readingRate(directory));
  }
  const ratio = samples(reads.map((rate, n) => rate / (parses[n] ?? NaN)));
  console.log(`
- Recovery scans ${withSpread(scan)} GB/s.
- A subscription reads ${thousands(samples(reads).median)} records a second, ${
    withSpread(ratio)
  } of a loop that only checks and decodes them.`);
}

const directory = await Deno.makeTempDir({ prefix: "bench_log_" });
try {
  await warmUp(`${directory}/warm`);
  await printAppending(directory);
  await printStored(`${directory}/${topic}`);
  const { idleMs, underLoadMs, hangingMs } = await benchStalls(`${directory}/stalls`, 1000);
  const [idle, load, hanging] = [idleMs, underLoadMs, hangingMs].map((ms) => ms.toFixed(1));
  console.log(
    `- The event loop stood still for ${idle} ms at most when idle, ${load} ms with 64 writers, ${hanging} ms while a write hung for 1 s.`,
  );
  const plan = { wakeUps: 200, idleMs: 3000, records: 500_000 };
  console.log(describeReaders(await benchReaders(`${directory}/readers`, plan)));
} finally {
  await Deno.remove(directory, { recursive: true });
}
