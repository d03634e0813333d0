/** The benchmarks run and print what the documentation shows, in a short form. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMysqlCatalogue } from "../../adapters/database/mysql/mysql_catalogue.ts";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { type KafkaClientName, kafkaClients } from "../../adapters/queue/kafka/clients.ts";
import { systemClock } from "../../src/ports/clock.ts";
import {
  createMysqlDatabase,
  type MysqlDatabase,
  mysqlMissing,
  openKeptDatabase,
} from "../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../services/report_missing.ts";
import { bareClients } from "./bare_client.ts";
import { benchShelf } from "./bench_shelf.ts";
import { startDiscardBroker } from "./discard_broker.ts";
import { buildHttpLoad } from "./http_load.ts";
import { benchConsumers } from "./consumer_bench.ts";
import { benchConsumerCost } from "./consumer_cost.ts";
import { forwardingLoad } from "./forwarding_load.ts";
import { adapterLoad, driverLoad, partitionCount, searchRecords } from "./kafka_load.ts";
import { benchAppend } from "./append_bench.ts";
import { appendRecords } from "./append_load.ts";
import { durableWays } from "./durable_ways.ts";
import { benchFlippedBit } from "./flipped_bit.ts";
import { benchPaced } from "./paced_appends.ts";
import { linePlot } from "./plot.ts";
import { benchReaders } from "./reader_bench.ts";
import { benchLike, benchSearches, fillShelf } from "./shelf_bench.ts";
import { readStarterShelf } from "../../adapters/database/starter_shelf/starter_shelf.ts";
import {
  answerOf,
  benchTargets,
  partsOfWords,
  ratioOf,
  searches,
  startStatic,
  titleWords,
} from "./shop_bench.ts";
import { benchStarts } from "./shop_start.ts";
import { benchPolling } from "./sqlite_polling.ts";
import { openMysqlShelf } from "./mysql_shelf.ts";
import { openingMs, parsingRate, readingRate, scanRates } from "./stored_log.ts";

describe("bench:search", () => {
  it("fills a shelf and asks it in every way", async () => {
    const folder = await Deno.makeTempDir({ prefix: "bench_search_" });
    try {
      const file = `${folder}/shelf.db`;
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      assert.ok(await fillShelf(catalogue, 600) > 0);
      const results = await benchSearches(catalogue, 600, 1);
      assert.ok(results.length > 10 && results.every(({ p50Us }) => p50Us > 0));
      assert.ok(await benchLike(() => Promise.resolve(), 3) >= 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  if (mysqlMissing !== undefined) return reportMissing("shelves in MySQL", mysqlMissing);
  it("fills a shelf in bulk as the port does", async () => {
    const [books, nowMs] = [300, Date.parse("2026-01-01T00:00:00Z")];
    await using database = await createMysqlDatabase();
    const tables = async (of: Pick<MysqlDatabase, "execute">) =>
      await Promise.all([
        of.execute("SELECT * FROM books ORDER BY id"),
        of.execute("SELECT * FROM shelfcast_forms ORDER BY id"),
        of.execute("SELECT HEX(gram) AS gram, id FROM shelfcast_grams ORDER BY gram, id"),
        of.execute("SELECT book FROM shelfcast_changes"),
      ]);
    {
      await using catalogue = await openMysqlCatalogue({
        ...database.login,
        shelf: "empty",
        clock: { ...systemClock, now: () => nowMs },
      });
      for (const book of benchShelf(books)) await catalogue.add(book);
    }
    await using shelf = await openMysqlShelf(books, false);
    const [byPort, inBulk] = [await tables(database), await tables(shelf)];
    assert.equal(inBulk[0].length, books);
    assert.ok(inBulk[2].length > 20 * books);
    assert.deepEqual(inBulk, byPort);
    assert.match(await shelf.describe(), /filled in bulk.*innodb_buffer_pool_size \d+ MiB/);
  });

  it("takes a kept shelf that is whole, and makes any other anew", async () => {
    const books = 7;
    const { drop } = await openKeptDatabase(`shelfcast_bench_${books}`);
    try {
      for (const found of [/filled in bulk/, /filled before/]) {
        await using shelf = await openMysqlShelf(books, true);
        assert.match(await shelf.describe(), found);
      }
      await using shelf = await openMysqlShelf(books, true);
      await shelf.execute(`DELETE FROM books WHERE id = ${books}`);
      await using other = await openMysqlShelf(books, true);
      assert.match(await other.describe(), /filled in bulk/);
    } finally {
      await drop();
    }
  });
});

describe("bench:shop", () => {
  it("asks a raw limit, which gives an answer's own bytes, over every connection", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_shop_" });
    try {
      const load = await buildHttpLoad(directory);
      const headers = { "content-type": "text/plain", "x-own": "1" };
      await using server = await startStatic({ body: "ten rows", headers });
      assert.deepEqual(await answerOf(server.url), { body: "ten rows", headers });
      const target = { ...server, name: "static", requests: searches(titleWords(3)) };
      const plan = { connections: 4, rounds: 2, forMs: 20, warmUpMs: 1 };
      const result = (await benchTargets(load, [target], plan)).get("static");
      assert.ok(result !== undefined && result.p50Us > 0 && result.p99Us >= result.p50Us);
      assert.equal(result.rates.length, 2);
      assert.equal(ratioOf(result, result).median, 1);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("asks many questions, none of them twice, that fill a page", () => {
    const parts = partsOfWords(4_000);
    assert.ok(parts.length === 4_000 && new Set(parts).size === 4_000);
    const titles = readStarterShelf().map(({ title }) => title.toLowerCase());
    for (const part of parts.slice(0, 20)) {
      assert.ok(titles.filter((title) => title.includes(part)).length > 10, part);
    }
  });

  it("starts a shop and an empty program in turn", async () => {
    const config = "app: { port: PORT }\ndb: { driver: sqlite, sqlite: { file: DIR/shelf.db } }\n" +
      "mq: { adapter: memory }";
    const { ms, emptyMs } = await benchStarts({ memory: config }, 1);
    assert.ok((ms.memory?.[0] ?? 0) > (emptyMs[0] ?? Infinity));
  });
});

describe("bench:shop's consumers", () => {
  it("bring events into a read model, and the same SQL is said without them", async () => {
    const plan = { events: 60, batchRecords: 20, rounds: 1, databases: ["SQLite"] as const };
    const results = await benchConsumers(plan);
    assert.deepEqual(results.map(({ name }) => name), ["trends", "interests"]);
    for (const { consumed, bare } of results) {
      assert.ok(consumed.length === 1 && (consumed[0] ?? 0) > 0);
      assert.ok(bare.length === 1 && (bare[0] ?? 0) > 0);
    }
  });

  it("are paid by searches at one rate, whatever the server can", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_shop_" });
    try {
      const load = await buildHttpLoad(directory);
      await using server = await startStatic({ body: "ten rows", headers: {} });
      const target = { ...server, name: "static", requests: searches(titleWords(3)) };
      const plan = { rounds: 1, forMs: 500, warmUpMs: 20, wantedRate: 50 };
      const { rate, targets } = await benchConsumerCost(load, [target], plan);
      assert.ok(rate <= 50 && (targets.static?.p99Us[0] ?? 0) > 0);
      const { answers } = await load(server.url, target.requests, 4, 500, 50);
      assert.ok(answers <= 27, `${answers} answers in half a second, wanted 25`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

describe("bench:log", () => {
  it("measures the same work three times, and a sync a batch", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_log_" });
    try {
      const asked: number[] = [];
      const raw = {
        rate(_place: string, batchBytes: number): Promise<number> {
          asked.push(batchBytes);
          return Promise.resolve(1000);
        },
      };
      const result = await benchAppend(raw, directory, 8, 1, 20);
      assert.deepEqual(asked, [48 + 8 * 324]);
      assert.equal(result.raw.median, 8000);
      assert.ok(result.ratio.median > 0 && result.timesSqlite.median > 0);
      assert.ok(result.syncsPerRecord >= 1 / 8 && result.syncsPerRecord <= 1);
      assert.ok(result.diskBytesPerRecord >= 324);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("reads a stored log in every way", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_log_" });
    try {
      const log = await openFileLog({ directory, segmentBytes: 65_536 });
      await appendRecords(log, 3000);
      await log[Symbol.asyncDispose]();
      assert.ok(await openingMs(directory, "killed") > 0);
      const scans = await scanRates(directory);
      assert.ok(scans.length > 0);
      const rates = [...scans, await readingRate(directory), await parsingRate(directory)];
      for (const rate of rates) assert.ok(rate > 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("measures readers in other processes", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_log_" });
    try {
      const plan = { wakeUps: 3, idleMs: 50, records: 10_000 };
      const { wakeUpMs, followed, ...costs } = await benchReaders(directory, plan);
      assert.ok(wakeUpMs.p50 > 0 && wakeUpMs.most >= wakeUpMs.p99);
      assert.equal(followed, 10_000);
      for (const cost of Object.values(costs)) assert.ok(cost >= 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

describe("bench:sqlite", () => {
  it("has each record on the disk on every way, and knows how long that took", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_sqlite_" });
    try {
      for (const [name, open] of Object.entries(durableWays)) {
        const { acknowledgedMs, lateMs } = await benchPaced(await open(directory), 200, 40);
        assert.ok(acknowledgedMs.p50 > 0 && acknowledgedMs.most >= acknowledgedMs.p99, name);
        assert.ok(lateMs.most >= lateMs.p99, name);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("a reader that asks at intervals has every record", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_sqlite_" });
    try {
      const { wakeUpMs, idlePercent } = await benchPolling(`${directory}/log.db`, 1, 3, 20);
      assert.ok(wakeUpMs.p50 > 0 && idlePercent >= 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("a flipped bit takes half of SQLite's WAL in silence, and one batch of the log loudly", async () => {
    const directory = await Deno.makeTempDir({ prefix: "bench_sqlite_" });
    try {
      const { committed, sqliteRead, sqliteSays, logRead, logSays } = await benchFlippedBit(
        directory,
        100,
      );
      assert.equal(committed, 100);
      assert.ok(sqliteRead < 60, `${sqliteRead}`);
      assert.equal(sqliteSays, "ok");
      assert.equal(logRead, 99);
      assert.equal(logSays, "corrupt");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

describe("a plot", () => {
  it("draws each series through its points, and names axes and lines", () => {
    const svg = linePlot({
      title: "t",
      xLabel: "x axis",
      yLabel: "y axis",
      series: [{ name: "one", points: [[1, 10], [10, 1000]] }],
    });
    for (const part of ["x axis", "y axis", ">one<", 'd="M70.0 310.0L550.0']) {
      assert.ok(svg.includes(part), `${part} in ${svg}`);
    }
  });
});

describe("bench:kafka", () => {
  it("publishes the same records three ways to a broker that discards them", async () => {
    await using broker = await startDiscardBroker(partitionCount);
    const records = searchRecords(50, { valueBytes: 200, headers: 10 });
    assert.deepEqual(records.map(({ headers }) => headers?.length), Array(50).fill(10));
    for (const client of Object.keys(kafkaClients) as KafkaClientName[]) {
      for (const open of [adapterLoad, driverLoad]) {
        await using load = await open(broker.address, client, "bench", records);
        assert.ok(await load.rate(30, 20) > 0);
      }
      await using load = await bareClients[client](broker.address, "bench", records);
      assert.ok(await load.rate(30, 20) > 0);
      await using forwarding = await forwardingLoad(broker.address, client, "bench", records);
      for (let round = 0; round < 2; round++) assert.ok(await forwarding.rate() > 0);
    }
  });
});
