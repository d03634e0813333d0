/** What consumers do and cost, as it is printed. */
import { mysqlMissing } from "../contracts/harnesses/mysql_database.ts";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import { benchConsumers, type ConsumedDatabase, consumedNames } from "./consumer_bench.ts";
import { benchConsumerParts, consumerParts } from "./consumer_parts.ts";
import { benchConsumerCost } from "./consumer_cost.ts";
import type { HttpLoad } from "./http_load.ts";
import { head, row, thousands, withSpread } from "./markdown.ts";
import { samples } from "./samples.ts";
import { partsOfWords, searches, type Target } from "./shop_bench.ts";
import { trendDelay } from "./trend_delay.ts";

export interface PrintConsumersOptions {
  readonly load: HttpLoad;
  readonly rounds: number;
  /** A queue's section of the configuration, by the queue's name. */
  readonly queues: Readonly<Record<string, string>>;
  readonly events: number;
}

/** The consumers' own. */
const batchRecords = 1_000;

export async function printConsumers(options: PrintConsumersOptions): Promise<void> {
  await printRates(options);
  await printParts(options);
  await printCost(options);
  await printDelays(options);
}

async function printRates({ rounds, events }: PrintConsumersOptions): Promise<void> {
  const databases: readonly ConsumedDatabase[] = mysqlMissing === undefined
    ? ["SQLite", "MariaDB"]
    : ["SQLite"];
  console.log(
    `\nEvents a second into a read model, ${events} of them in batches of ${batchRecords}:\n`,
  );
  head(
    "",
    "consumer",
    "bare loop of its SQL",
    "ratio (least–most)",
    "by CPU",
    "CPU, µs an event",
    "to reach",
  );
  for (const rates of await benchConsumers({ events, batchRecords, rounds, databases })) {
    const { name, database, consumed, bare, consumedCpuUs, bareCpuUs } = rates;
    row(
      `${name}: ${database}`,
      thousands(samples(consumed).median),
      thousands(samples(bare).median),
      withSpread(samples(consumed.map((rate, round) => rate / (bare[round] ?? NaN)))),
      (samples(bareCpuUs).median / samples(consumedCpuUs).median).toFixed(2),
      samples(consumedCpuUs).median.toFixed(1),
      "≥ 0.6",
    );
  }
}

async function printParts({ rounds, events }: PrintConsumersOptions): Promise<void> {
  const parts = await benchConsumerParts({ events, batchRecords, rounds });
  console.log("\nWhat an event into SQLite takes of the processor, each part by itself, µs:\n");
  head("", ...consumedNames);
  for (const part of consumerParts) {
    row(part, ...consumedNames.map((name) => samples(parts[name][part]).median.toFixed(1)));
  }
  row(
    "sum",
    ...consumedNames.map((name) =>
      consumerParts.reduce((sum, part) => sum + samples(parts[name][part]).median, 0).toFixed(1)
    ),
  );
}

const shopOf = (queue: string, consumers: string): string =>
  [
    "app: { port: PORT }",
    "db: { driver: sqlite, sqlite: { file: DIR/shelf.db, read_models_file: DIR/read_models.db } }",
    queue,
    `consumers: { ${consumers} }`,
  ].join("\n");

async function printCost({ load, rounds, queues }: PrintConsumersOptions): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const requests = searches(partsOfWords(4_000));
  const targets: Target[] = [];
  for (const run of ["off", "inline"]) {
    const folder = opened.use(await serviceFolder(shopOf(queues.file ?? "", `run: ${run}`)));
    const { url, pid } = opened.use(await startService(folder));
    targets.push({ name: run, url, pid, requests });
  }
  const plan = { rounds, forMs: 3_000, warmUpMs: 3_000, wantedRate: 1_000 };
  const { rate, targets: costs } = await benchConsumerCost(load, targets, plan);
  console.log(`\n${rate} searches a second on the file log, consumers inside the shop or none:\n`);
  head("consumers", "p50, ms", "p99, ms (least–most)", "÷ off", "more, ms", "CPU, µs", "to reach");
  const ms = (us: readonly number[] = []) => samples(us.map((one) => one / 1000));
  const off = ms(costs.off?.p99Us).median;
  for (const [name, { p50Us, p99Us, cpuUs }] of Object.entries(costs)) {
    const p99 = ms(p99Us);
    row(
      name,
      ms(p50Us).median.toFixed(2),
      withSpread(p99),
      (p99.median / off).toFixed(2),
      (p99.median - off).toFixed(1),
      Math.round(samples(cpuUs).median),
      name === "off" ? "" : "≤ 1.2, or ≤ 5 ms more",
    );
  }
}

async function printDelays({ queues }: PrintConsumersOptions): Promise<void> {
  console.log("\nFrom a search to its row in the trends, 20 searches a second:\n");
  head("queue", "p50, ms", "p99, ms");
  for (const [name, queue] of Object.entries(queues)) {
    await using folder = await serviceFolder(shopOf(queue, "run: inline"));
    await using shop = await startService(folder);
    const file = `${folder.path}/read_models.db`;
    // Once before, for the code and the group.
    await trendDelay(shop.url, file, { count: 20, perSecond: 20 });
    const { p50Ms, p99Ms } = await trendDelay(shop.url, file, { count: 200, perSecond: 20 });
    row(name, p50Ms.toFixed(0), p99Ms.toFixed(0));
  }
}
