/**
 * `deno task bench:log`: the file log against the disk itself and against SQLite. Prints Markdown,
 * which docs/performance.md quotes; `--plot FILE.svg` also draws the rates.
 */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { type AppendResult, benchAppend } from "./append_bench.ts";
import { appendFor, appendRecords, topic } from "./append_load.ts";
import { benchStalls } from "./event_loop_stall.ts";
import { head, machine, row, thousands, withSpread } from "./markdown.ts";
import { linePlot, type Series } from "./plot.ts";
import { buildRawLimit } from "./raw_limit.ts";
import { benchReaders, describeReaders } from "./reader_bench.ts";
import { type Samples, samples } from "./samples.ts";
import { openingMs, parsingRate, readingRate, scanRates } from "./stored_log.ts";

/** Many and short, so that raw limit and log meet the same disk. */
const rounds = 11;
const forMs = 120;
const writerCounts = [1, 16, 64, 256, 1024];
const logSizes = [10_000, 100_000, 1_000_000];

/** A shop runs for days: what is measured is code that has been compiled. */
async function warmUp(directory: string): Promise<void> {
  await using log = await openFileLog({ directory });
  for (const writers of [1, 16, 256]) await appendFor(log, writers, 800);
}

async function printAppending(directory: string): Promise<readonly AppendResult[]> {
  const raw = await buildRawLimit(directory);
  console.log(`Median of ${rounds} rounds (least–most), ${machine()}. Records a second.\n`);
  head(
    "writers",
    "C",
    "log",
    "log ÷ C",
    "log ÷ SQLite",
    "CPU, µs a record",
    "syncs a record",
    "bytes on disk a record",
  );
  const results: AppendResult[] = [];
  for (const writers of writerCounts) {
    const result = await benchAppend(raw, directory, writers, rounds, forMs);
    row(
      writers,
      thousands(result.raw.median),
      thousands(result.log.median),
      withSpread(result.ratio),
      withSpread(result.timesSqlite),
      result.cpuPerRecord.median.toFixed(1),
      result.syncsPerRecord.toFixed(4),
      Math.round(result.diskBytesPerRecord),
    );
    results.push(result);
  }
  return results;
}

function plotOf(results: readonly AppendResult[]): string {
  const line = (name: string, rate: (result: AppendResult) => Samples): Series => ({
    name,
    points: results.map((result) => [result.writers, rate(result).median]),
  });
  return linePlot({
    title: `Synced records a second, ${new Date().toISOString().slice(0, 10)}`,
    xLabel: "writers, each awaiting its record",
    yLabel: "records a second",
    series: [
      line("C", ({ raw }) => raw),
      line("file log", ({ log }) => log),
      line("SQLite", ({ sqlite }) => sqlite),
    ],
  });
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
  const results = await printAppending(directory);
  const [option, file] = Deno.args;
  if (option === "--plot" && file !== undefined) await Deno.writeTextFile(file, plotOf(results));
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
