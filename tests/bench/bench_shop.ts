/**
 * `deno task bench:shop`: searches over HTTP with each queue behind them, in turn with their raw
 * limits, which are servers that know one answer; starts; what consumers do and cost; and, where
 * SHELFCAST_TEST_MYSQL and SHELFCAST_TEST_KAFKA name servers, a service of the tutorials' design
 * beside them. Prints Markdown, which docs/performance.md quotes.
 */
import { parseArgs } from "node:util";
import { createMysqlDatabase, mysqlMissing } from "../contracts/harnesses/mysql_database.ts";
import { serviceFolder, type ServiceProcess, startService } from "../e2e/service_process.ts";
import { buildHttpLoad, getRequest } from "./http_load.ts";
import { head, machine, row, thousands, withSpread } from "./markdown.ts";
import { printConsumers } from "./print_consumers.ts";
import { samples } from "./samples.ts";
import {
  answerOf,
  type BenchServer,
  benchTargets,
  cpuRatioOf,
  fullPages,
  partsOfWords,
  ratioOf,
  searches,
  startServer,
  startStatic,
  type Target,
  type TargetResult,
  titleWords,
} from "./shop_bench.ts";
import { benchStarts } from "./shop_start.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "7" },
    ms: { type: "string", default: "400" },
    starts: { type: "string", default: "9" },
    events: { type: "string", default: "20000" },
    // http, starts or consumers; all of them where it is not given.
    only: { type: "string" },
  },
});
const plan = { rounds: Number(values.rounds), forMs: Number(values.ms), warmUpMs: 1500 };
const kafka = Deno.env.get("SHELFCAST_TEST_KAFKA");

const app = "app: { port: PORT }";
const sqlite = "db: { driver: sqlite, sqlite: { file: DIR/shelf.db } }";
const memoryQueue = "mq: { adapter: memory }";
const fileQueue = "mq: { adapter: file, file: { directory: DIR/queue } }";
const kafkaQueue = `mq: { adapter: kafka, brokers: ["${kafka}"], ` +
  `topic: bench-shop-${Deno.pid}-${Date.now()}, file: { directory: DIR/queue } }`;

await using opened = new AsyncDisposableStack();

async function startShop(db: string, mq: string): Promise<ServiceProcess> {
  const folder = opened.use(await serviceFolder([app, db, mq].join("\n")));
  return opened.use(await startService(folder));
}

interface Wanted {
  readonly name: string;
  /** What it is compared with. */
  readonly limit: string;
  readonly atLeast: number;
}

/** What is to be reached with 64 connections. */
const wanted: readonly Wanted[] = [
  { name: "`/livez`", limit: "bare server, those bytes", atLeast: 0.5 },
  { name: "search: file", limit: "static 10 rows", atLeast: 0.35 },
  { name: "search asked before: file", limit: "static 10 rows", atLeast: 0.35 },
  { name: "search: file", limit: "search: memory", atLeast: 1 },
  { name: "search: Kafka", limit: "search: memory", atLeast: 1 },
  { name: "search asked before: file", limit: "search asked before: memory", atLeast: 1 },
  { name: "search: file", limit: "search: no event", atLeast: 1 },
  { name: "page: file", limit: "static 10 rows", atLeast: 0.25 },
  { name: "500 words: file", limit: "500 words: tutorial", atLeast: 40 },
  { name: "500 words: MariaDB, Kafka", limit: "500 words: tutorial", atLeast: 12 },
];

const at = ({ url, pid }: ServiceProcess | BenchServer) => ({ url, pid });

/** Of a visitor whom the shop knows. */
async function visitorCookies(url: string): Promise<string> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]).join("; ");
}

/** All that there is to ask, on servers that run from now on. */
async function openTargets(): Promise<readonly Target[]> {
  const memory = await startShop(sqlite, memoryQueue);
  const file = await startShop(sqlite, fileQueue);
  const all = titleWords(500);
  const { words: full, answer } = await fullPages(file.url, all, 10);
  const livez = opened.use(await startStatic(await answerOf(`${file.url}/livez`)));
  const rows = opened.use(await startStatic(answer));
  const ahead = { "Sec-Purpose": "prefetch" };
  const cookie = { Cookie: await visitorCookies(file.url) };
  const parts = partsOfWords(4_000);
  const pages = parts.map((word) => getRequest(`/?q=${word}`, cookie));
  const targets: Target[] = [
    { name: "bare server, those bytes", ...at(livez), requests: [getRequest("/livez")] },
    { name: "`/livez`", ...at(file), requests: [getRequest("/livez")] },
    { name: "static 10 rows", ...at(rows), requests: searches(full) },
    { name: "search: no event", ...at(file), requests: searches(parts, ahead) },
    { name: "search: memory", ...at(memory), requests: searches(parts) },
    { name: "search: file", ...at(file), requests: searches(parts) },
    { name: "search asked before: no event", ...at(file), requests: searches(full, ahead) },
    { name: "search asked before: memory", ...at(memory), requests: searches(full) },
    { name: "search asked before: file", ...at(file), requests: searches(full) },
    { name: "page: file", ...at(file), requests: pages },
    { name: "500 words: file", ...at(file), requests: searches(all) },
  ];
  console.log(
    `${full.length} of the 500 words fill a page; of those the static answer has ${answer.body.length} characters.\n`,
  );
  if (kafka === undefined) {
    console.log("SHELFCAST_TEST_KAFKA is not set: no Kafka, no tutorial.\n");
    return targets;
  }
  const onKafka = await startShop(sqlite, kafkaQueue);
  targets.push({ name: "search: Kafka", ...at(onKafka), requests: searches(parts) });
  if (mysqlMissing !== undefined) {
    console.log(`${mysqlMissing}: no MariaDB, no tutorial.\n`);
    return targets;
  }
  const { login } = opened.use(await createMysqlDatabase());
  const both = await startShop(`db: ${JSON.stringify(login)}`, kafkaQueue);
  const settings = { login, brokers: [kafka], topic: `bench-tutorial-${Deno.pid}` };
  const tutorial = opened.use(
    await startServer("tutorial_shop_process.ts", [JSON.stringify(settings)]),
  );
  targets.push(
    { name: "500 words: MariaDB, Kafka", ...at(both), requests: searches(all) },
    { name: "500 words: tutorial", ...at(tutorial), requests: searches(all) },
  );
  return targets;
}

function printRates(results: ReadonlyMap<string, TargetResult>): void {
  head("", "answers a second", "p50, ms", "p99, ms", "CPU, µs an answer");
  for (const [name, { rates, p50Us, p99Us, cpuUs }] of results) {
    const ms = [p50Us, p99Us].map((us) => (us / 1000).toFixed(2));
    const rate = samples(rates).median;
    row(
      name,
      rate < 1000 ? Math.round(rate) : thousands(rate),
      ...ms,
      Math.round(samples(cpuUs).median),
    );
  }
}

function printRatios(results: ReadonlyMap<string, TargetResult>): void {
  head("", "÷", "median (least–most)", "by CPU", "to reach");
  for (const { name, limit, atLeast } of wanted) {
    const [one, other] = [results.get(name), results.get(limit)];
    if (one === undefined || other === undefined) continue;
    const byCpu = cpuRatioOf(one, other).toFixed(2);
    row(name, limit, withSpread(ratioOf(one, other)), byCpu, `≥ ${atLeast}`);
  }
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  async http() {
    const targets = await openTargets();
    for (const connections of [64, 1]) {
      const results = await benchTargets(await load(), targets, { ...plan, connections });
      console.log(`\n${connections === 1 ? "One connection" : `${connections} connections`}:\n`);
      printRates(results);
      console.log("");
      printRatios(results);
    }
  },
  async starts() {
    const starts = await benchStarts({
      memory: [app, sqlite, memoryQueue].join("\n"),
      file: [app, sqlite, fileQueue].join("\n"),
    }, Number(values.starts));
    const emptyMs = samples(starts.emptyMs).median;
    console.log(
      `\nFrom the start of a process to its first answer; an empty one: ${
        emptyMs.toFixed(0)
      } ms.\n`,
    );
    head("", "ms", "÷ empty (least–most)", "to reach");
    for (const [name, ms] of Object.entries(starts.ms)) {
      const ratio = samples(ms.map((one, round) => one / (starts.emptyMs[round] ?? NaN)));
      row(`start: ${name}`, samples(ms).median.toFixed(0), withSpread(ratio), "≤ 6");
    }
  },
  async consumers() {
    // A topic of its own: shops of the other parts may still run, and read theirs.
    const own = kafkaQueue.replace("topic: ", "topic: consumers-");
    const queues = { file: fileQueue, ...(kafka !== undefined && { Kafka: own }) };
    const events = Number(values.events);
    await printConsumers({ load: await load(), rounds: plan.rounds, queues, events });
  },
};

async function load() {
  const directory = await Deno.makeTempDir({ prefix: "bench_shop_" });
  opened.defer(() => Deno.remove(directory, { recursive: true }));
  return await buildHttpLoad(directory);
}

console.log(`Median of ${plan.rounds} rounds, ${machine()}.\n`);
for (const [name, print] of Object.entries(parts)) {
  if (values.only === undefined || values.only === name) await print();
}
