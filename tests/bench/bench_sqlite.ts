/**
 * `deno task bench:sqlite`: why the log is not a table in SQLite, in numbers. What a durable record
 * costs those who share the thread, how a reader in another process hears of it, and what one
 * flipped bit takes away. Prints Markdown.
 */
import { durableWays } from "./durable_ways.ts";
import { benchFlippedBit } from "./flipped_bit.ts";
import { head, machine, row } from "./markdown.ts";
import { output } from "./raw_limit.ts";
import type { PacedAppends } from "./paced_appends.ts";
import { benchReaders } from "./reader_bench.ts";
import { benchPolling } from "./sqlite_polling.ts";

const ratePerSecond = 500;
const forMs = 4000;

async function printPaced(directory: string): Promise<void> {
  const shim = `${directory}/slow_sync.so`;
  const source = new URL("./slow_sync.c", import.meta.url).pathname;
  await output("cc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"]);
  console.log(
    `${ratePerSecond} records a second for ${forMs / 1000} s, each awaited, ${machine()}.\n`,
  );
  head(
    "each sync takes",
    "way",
    "acknowledged after: p50, ms",
    "p99, ms",
    "a timer of 1 ms is late: p99, ms",
    "most, ms",
  );
  for (const moreMs of [0, 20]) {
    for (const name of Object.keys(durableWays)) {
      const place = `${directory}/${moreMs}_${name}`;
      const env = { LD_PRELOAD: shim, SLOW_SYNC_MS: `${moreMs}` };
      const { acknowledgedMs, lateMs } = await measurePaced(name, place, env);
      row(
        moreMs === 0 ? "what it takes" : `${moreMs} ms more`,
        name,
        ...[acknowledgedMs.p50, acknowledgedMs.p99, lateMs.p99, lateMs.most]
          .map((ms) => ms.toFixed(1)),
      );
    }
  }
}

async function measurePaced(
  name: string,
  place: string,
  env: Readonly<Record<string, string>>,
): Promise<PacedAppends> {
  const script = new URL("./paced_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
  const args = ["run", "--quiet", "--no-prompt", ...permissions, script, name, place];
  return JSON.parse(
    await output(Deno.execPath(), [...args, `${ratePerSecond}`, `${forMs}`], env),
  );
}

const directory = await Deno.makeTempDir({ prefix: "bench_sqlite_" });
try {
  await printPaced(directory);
  const log = await benchReaders(`${directory}/readers`, {
    wakeUps: 200,
    idleMs: 3000,
    records: 0,
  });
  console.log("\nA reader in another process:\n");
  head("way", "has a record after: p50, ms", "p99, ms", "of a core while nothing comes, %");
  const { p50, p99 } = log.wakeUpMs;
  row("the file log", p50.toFixed(1), p99.toFixed(1), log.idlePercent.toFixed(2));
  for (const everyMs of [1, 10, 100]) {
    const polled = await benchPolling(`${directory}/polled_${everyMs}.db`, everyMs, 200, 3000);
    const { wakeUpMs, idlePercent } = polled;
    const ms = [wakeUpMs.p50, wakeUpMs.p99].map((each) => each.toFixed(1));
    row(`SQLite, asked every ${everyMs} ms`, ...ms, idlePercent.toFixed(2));
  }
  const flipped = await benchFlippedBit(`${directory}/flipped`, 1000);
  const { committed, sqliteRead, sqliteSays, logRead, logSays } = flipped;
  console.log(`
One bit flipped in the middle of ${committed} records that were acknowledged, each in a transaction of its own:

- SQLite (WAL, not yet moved into the file) reads ${sqliteRead}, and its integrity check says "${sqliteSays}".
- The file log reads ${logRead} where damage may be passed; else a reader is told "${logSays}" at that place.`);
} finally {
  await Deno.remove(directory, { recursive: true });
}
