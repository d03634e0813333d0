/**
 * The real process on every queue and both databases: a search, its event read back, an end in
 * order.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { hasKcat, kcat } from "../adapters/kafka/kcat.ts";
import { createMysqlDatabase } from "../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../services/report_missing.ts";
import { requireService } from "../services/require_service.ts";
import { delivered, freePort, runTask, serviceFolder, startService } from "./service_process.ts";

const kafka = requireService("SHELFCAST_TEST_KAFKA", "Kafka");
const mysql = requireService("SHELFCAST_TEST_MYSQL", "MySQL or MariaDB");

const app = "app: { port: PORT }";
const sqlite = "db: { driver: sqlite, sqlite: { file: DIR/shelf.db } }";
const file = "mq: { adapter: file, file: { directory: DIR/queue } }";

interface Shop {
  readonly name: string;
  readonly topic: string;
  readonly mq: string;
  readonly database: () => Promise<AsyncDisposable & { readonly db: string }>;
}

const inFolder = () =>
  Promise.resolve({ db: sqlite, [Symbol.asyncDispose]: () => Promise.resolve() });

async function onMysql() {
  const database = await createMysqlDatabase();
  // Quoted, as what stands in them is nobody's business here.
  const db = `db: ${JSON.stringify(database.login)}`;
  return { db, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** Unique on a broker that outlives the run. */
const kafkaTopic = (stem: string): string => `${stem}-${Deno.pid}-${Date.now()}`;

const shops: Shop[] = [
  { name: "file and SQLite", mq: file, database: inFolder, topic: "lr-book-searches" },
];
if (kafka.address !== undefined) {
  const topic = kafkaTopic("e2e-sqlite");
  const mq = `mq: { adapter: kafka, brokers: ["${kafka.address}"], topic: ${topic}, ` +
    "kafka: { buffer: none } }";
  shops.push({ name: "kafka and SQLite", mq, database: inFolder, topic });
}
if (mysql.address !== undefined) {
  shops.push({ name: "file and MySQL", mq: file, database: onMysql, topic: "lr-book-searches" });
}

for (const { name, mq, database, topic } of shops) {
  describe(`shop on ${name}`, () => {
    it("a search is answered, its event is read back, and SIGTERM ends it with 0", async () => {
      await using opened = await database();
      await using folder = await serviceFolder([app, opened.db, mq].join("\n"));
      await using service = await startService(folder);
      const eventId = await searchUntilAccepted(`${service.url}/api/books?q=hunger`);
      assert.match(eventId, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);

      const options = ["--config", folder.configFile, "--from", "earliest", "--until-end"];
      const lines = await runTask("consume", options);
      assert.equal(lines.code, 0, lines.stderr);
      const start = `Consumed message from topic ${topic}: key=hunger, value=[{"id":`;
      assert.ok(lines.stdout.startsWith(start), lines.stdout.slice(0, 300));

      const json = await runTask("consume", [...options, "--format", "json"]);
      // The first searches of a process may be accepted behind their answers.
      const records = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
      const record = records.find(({ headers }) => Object.fromEntries(headers).ce_id === eventId);
      assert.equal(record?.topic, topic);
      assert.equal(record.key, "hunger");

      const ended = await service.stop();
      assert.equal(ended.code, 0, ended.stderr);
    });

    it("produce works while it runs, and its records are read back", async () => {
      await using opened = await database();
      await using folder = await serviceFolder([app, opened.db, mq].join("\n"));
      await using service = await startService(folder);
      await searchUntilAccepted(`${service.url}/api/books?q=dune`);
      const options = ["--config", folder.configFile];
      const produced = await runTask("produce", [
        ...options,
        "--key",
        "k",
        "--json",
        '{"b":1,"a":2}',
      ]);
      assert.equal(produced.code, 0, produced.stderr);
      assert.match(produced.stdout, /^Message delivered to \S+ \[\d+\] @ offset \d+\n$/);
      const read = await runTask("consume", [...options, "--from", "earliest", "--until-end"]);
      assert.ok(read.stdout.includes('key=k, value={"a":2,"b":1}'), read.stdout.slice(0, 300));
    });
  });
}

if (!await hasKcat()) {
  reportMissing("event read by an independent client", "kcat is not installed");
} else if (kafka.address !== undefined && mysql.address !== undefined) {
  const brokers = kafka.address;
  describe("shop on a plain tutorial config", () => {
    it("works unmodified on MySQL and Kafka; an independent client reads key, value and headers", async () => {
      await using database = await onMysql();
      const topic = kafkaTopic("e2e-tutorial");
      await using folder = await serviceFolder(
        [
          "app: { port: PORT, page_size: 5 }",
          database.db,
          `mq: { brokers: [${brokers}], topic: ${topic} }`,
        ]
          .join("\n"),
      );
      await using service = await startService(folder, { cwd: folder.path });
      const eventId = await searchUntilAccepted(`${service.url}/api/books?q=hunger`);
      await delivered(service.url, eventId);
      assert.equal((await service.stop()).code, 0);
      const records = await kcatConsume(brokers, topic);
      const record = records.find(({ headers }) => headers.get("ce_id") === eventId);
      assert.ok(record);
      assert.equal(record.key, "hunger");
      assert.equal(record.headers.get("ce_specversion"), "1.0");
      assert.equal(record.headers.get("content-type"), "application/json");
      const books = JSON.parse(record.value);
      assert.equal(books.length, 5);
      const keys = ["id", "title", "author", "published_at", "description", "created_at"];
      assert.deepEqual(Object.keys(books[0]), keys);
      assert.match(books[0].created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    });
  });
}

describe("the README's first screen", () => {
  it("is what curl and consume print", async () => {
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const shown = (start: RegExp) => start.exec(readme)?.[1] ?? assert.fail(`no ${start}`);
    await using folder = await serviceFolder([app, sqlite, file].join("\n"));
    await using service = await startService(folder);
    const response = await fetch(`${service.url}/api/books?q=hunger`);
    assert.equal(response.status, 200);
    const body = await response.text();
    assert.ok(body.startsWith(shown(/^(\[\{"id":.*)…$/m)), body.slice(0, 200));
    const options = ["--config", folder.configFile, "--from", "earliest", "--count", "1"];
    const { stdout } = await runTask("consume", options);
    assert.ok(stdout.startsWith(shown(/^(Consumed message .*)…$/m)), stdout.slice(0, 200));
  });
});

describe("shop on memory", () => {
  it("a search is accepted; another process is told that it cannot read it", async () => {
    await using folder = await serviceFolder([app, sqlite, "mq: { adapter: memory }"].join("\n"));
    await using service = await startService(folder);
    await searchUntilAccepted(`${service.url}/api/books?q=hunger`);
    const consumed = await runTask("consume", ["--config", folder.configFile, "--until-end"]);
    assert.equal(consumed.code, 1);
    assert.match(consumed.stderr, /memory/i);
    assert.equal((await service.stop()).code, 0);
  });
});

describe("shop started again", () => {
  it("keeps its shelf and its events", async () => {
    await using folder = await serviceFolder([app, sqlite, file].join("\n"));
    for (const query of ["first", "second"]) {
      await using service = await startService(folder);
      await searchUntilAccepted(`${service.url}/api/books?q=${query}`);
      const { code, stderr } = await service.stop();
      assert.equal(code, 0);
      assert.equal(/Filled the shelf/.test(stderr), query === "first", stderr);
    }
    const options = ["--config", folder.configFile, "--from", "earliest", "--until-end"];
    const { stdout } = await runTask("consume", options);
    // A busy machine may take the first search as pending, so that the test searches again.
    const keys = new Set([...stdout.matchAll(/key=(\w+)/g)].map(([, key]) => key));
    assert.deepEqual([...keys], ["first", "second"]);
  });
});

describe("shop started by deno task start", () => {
  it("Ctrl-C ends it in order, and its port is free again", async () => {
    await using folder = await serviceFolder([app, sqlite, file].join("\n"));
    await using service = await startService(folder, { by: "task" });
    await searchUntilAccepted(`${service.url}/api/books?q=dune`);
    const { code, stderr } = await service.stop("SIGINT");
    assert.equal(code, 0, stderr);
    await assert.rejects(fetch(service.url));
  });
});

describe("shop that cannot start", () => {
  it("a port in use is said, with exit code 1", async () => {
    const port = freePort();
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    const config = [`app: { port: ${port} }`, sqlite, file].join("\n");
    await using folder = await serviceFolder(config);
    await assert.rejects(startService(folder), new RegExp(`${port}`));
  });

  it("a database that is refused at once is said in one line, while the queue is still opened", async () => {
    await using folder = await serviceFolder([sqlite, file].join("\n"));
    using database = new DatabaseSync(`${folder.path}/shelf.db`);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE books (isbn INT)");
    const { code, stderr } = await runTask("start", ["--config", folder.configFile]);
    assert.equal(code, 1);
    assert.match(stderr, /^[^\n]*has a table "books" that Shelfcast did not make[^\n]*\n$/);
  });

  it("every fault of the configuration is said at once, before the port opens", async () => {
    await using folder = await serviceFolder("app: { prot: 1 }\nmq: { adapter: rabbit }");
    const { code, stderr } = await runTask("start", ["--config", folder.configFile]);
    assert.equal(code, 1);
    assert.match(stderr, /app\.prot/);
    assert.match(stderr, /mq\.adapter/);
  });
});

/** Searches until a slow start of the queue is over, and gives the event's id. */
async function searchUntilAccepted(url: string): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const response = await fetch(url);
    await response.body?.cancel();
    assert.equal(response.status, 200);
    if (response.headers.get("x-event-status") === "accepted") {
      return response.headers.get("x-event-id") ?? "";
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("no search was accepted in 30 s");
}

/** A topic's records as kcat (librdkafka) sees them. */
async function kcatConsume(brokers: string, topic: string) {
  const options = ["-C", "-b", brokers, "-t", topic, "-o", "beginning", "-e", "-q", "-J"];
  const lines = new TextDecoder().decode(await kcat(options)).trimEnd().split("\n");
  return lines.map((line) => {
    const { key, payload, headers } = JSON.parse(line);
    // Names and values in turn.
    const pairs = new Map<string, string>();
    for (let n = 0; n < headers.length; n += 2) pairs.set(headers[n], headers[n + 1]);
    return { key, value: payload, headers: pairs };
  });
}
