/**
 * The narrowest command line that doctor prints is enough for a shop, and nothing of it too much.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { kafkaClients } from "../../adapters/queue/kafka/clients.ts";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { narrowCommand } from "../../src/composition/narrow_command.ts";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { load } from "../config/load_text.ts";
import { createMysqlDatabase } from "../contracts/harnesses/mysql_database.ts";
import { freePort, serviceFolder } from "../e2e/service_process.ts";
import { finished } from "../finished_process.ts";
import { requireService } from "../services/require_service.ts";

const root = new URL("../../", import.meta.url);
const sqlite = "db: { sqlite: { file: DIR/shelf.db, read_models_file: DIR/models.db } }";
const away = () => `127.0.0.1:${freePort()}`;

const shops: Readonly<Record<string, () => string>> = {
  "SQLite and memory": () => `${sqlite}, mq: { adapter: memory }`,
  "SQLite and the file log": () => `${sqlite}, mq: { file: { directory: DIR/queue } }`,
  "SQLite and Kafka behind a buffer, away": () =>
    `${sqlite}, mq: { adapter: kafka, brokers: "${away()}", file: { directory: DIR/queue } }`,
  "SQLite and Kafka without a buffer, on the other client, away": () =>
    `${sqlite}, mq: { brokers: "${away()}", kafka: { client: platformatic, buffer: none } }`,
  "MySQL, away, and memory": () =>
    `db: { host: 127.0.0.1, port: ${freePort()}, user: u, database: d }, mq: { adapter: memory }`,
};

const clients = Object.keys(kafkaClients);
const kafka = requireService("SHELFCAST_TEST_KAFKA", "Kafka").address;
const mysql = requireService("SHELFCAST_TEST_MYSQL", "MySQL or MariaDB").address;

/** What search and event need is asked for only where servers answer. */
async function withServers(
  mq: string,
  work: (command: string, database: string) => Promise<void>,
): Promise<void> {
  await using database = await createMysqlDatabase();
  const db = JSON.stringify({ ...database.login, password: "${DB_SECRET:-wrong}" });
  await withShop(`db: ${db}, ${mq}`, (command) => work(command, database.login.password));
}

async function withShop(
  shop: string,
  work: (command: string, hasShelf: boolean) => Promise<void>,
): Promise<void> {
  await using folder = await serviceFolder(`{ app: { port: PORT }, ${shop} }`);
  const hasShelf = shop.includes("sqlite");
  const file = `${folder.path}/shelf.db`;
  // Filling one takes seconds.
  if (hasShelf) await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
  const config = await loadShopConfig({ file: folder.configFile, env: () => undefined });
  await work(narrowCommand(config, folder.configFile), hasShelf);
}

function start(command: string, more: Record<string, string> = {}): Deno.ChildProcess {
  const [program = "", ...args] = command.split(" ");
  assert.equal(program, "deno");
  const env = { NO_COLOR: "1", ...more };
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

describe("the narrowest command line", () => {
  for (const [name, shop] of Object.entries(shops)) {
    it(`is enough for ${name}`, async () => {
      await withShop(shop(), async (command, hasShelf) => {
        const child = start(command);
        const ended = finished(child);
        const [, file = ""] = /--config (\S+)/.exec(command) ?? [];
        const config = await loadShopConfig({ file, env: () => undefined });
        const address = `http://127.0.0.1:${config.app.port}`;
        const deadlineMs = performance.now() + 30_000;
        let status = 0;
        while (status === 0 && performance.now() < deadlineMs) {
          status = await fetch(`${address}/api/books`).then(async (response) => {
            await response.body?.cancel();
            return response.status;
          }, () => new Promise<number>((resolve) => setTimeout(() => resolve(0), 50)));
        }
        child.kill("SIGTERM");
        const { code, stderr } = await ended;
        assert.deepEqual([status, code], [hasShelf ? 200 : 503, 0], stderr);
        assert.doesNotMatch(stderr, /NotCapable|Requires \w+ access|run again with/);
      });
    });
  }

  for (const client of kafka !== undefined && mysql !== undefined ? clients : []) {
    it(`is enough for MySQL and Kafka that answer, by ${client}, with what variables say`, async () => {
      const topic = `narrow-${client}-${Deno.pid}-${Date.now()}`;
      const mq = `mq: { topic: ${topic}, brokers: "${kafka}", kafka: { client: ${client}, ` +
        "buffer: none }, accept_timeout_ms: 30000 }";
      await withServers(mq, async (command, password) => {
        assert.match(command, /--allow-env=\S*DB_SECRET/);
        const child = start(command, { DB_SECRET: password });
        const ended = finished(child);
        const [, file = ""] = /--config (\S+)/.exec(command) ?? [];
        const { app } = await loadShopConfig({ file, env: () => undefined });
        const until = performance.now() + 30_000;
        let status: string | null = null;
        while (status !== "accepted" && performance.now() < until) {
          status = await fetch(`http://127.0.0.1:${app.port}/api/books?q=hunger`).then(
            async (response) => {
              await response.body?.cancel();
              return response.headers.get("X-Event-Status");
            },
            () => new Promise<null>((resolve) => setTimeout(() => resolve(null), 50)),
          );
        }
        child.kill("SIGTERM");
        const { code, stderr } = await ended;
        assert.deepEqual([status, code], ["accepted", 0], stderr);
        assert.doesNotMatch(stderr, /NotCapable|Requires \w+ access|run again with/);
      });
    });
  }

  it("without a variable's name in it, the start says so, and never that it is not set", async () => {
    const shop = `${sqlite}, mq: { topic: "\${SHOP_TOPIC:-t}", adapter: memory }`;
    await withShop(shop, async (command) => {
      const [, names = ""] = /--allow-env=(\S+)/.exec(command) ?? [];
      assert.deepEqual(names.split(","), ["SHOP_TOPIC", "INIT_CWD"]);
      const less = command.replace("SHOP_TOPIC,", "");
      const { code, stderr } = await finished(start(less, { SHOP_TOPIC: "mine" }));
      assert.equal(code, 1);
      assert.match(stderr, /takes the environment variable "SHOP_TOPIC", .*--allow-env=SHOP_TOPIC/);
    });
  });

  it("has nothing too much: without any of it the start says what is missing", async () => {
    await withShop(shops["SQLite and the file log"]?.() ?? "", async (command) => {
      const flags = command.split(" ").filter((word) => /^--allow-(net|read|write)=/.test(word));
      assert.equal(flags.length, 3);
      for (const flag of flags) {
        const { code, stderr } = await finished(start(command.replace(`${flag} `, "")));
        assert.equal(code, 1, flag);
        assert.match(stderr, new RegExp(`the flag ${flag.replace(/=.*/, "")}`));
      }
    });
  });

  it("names a Kafka cluster's hosts nowhere, as brokers say who they are", async () => {
    const command = narrowCommand(await load('mq: { brokers: "b.example:9092" }'), "config.yml");
    assert.match(command, /--deny-run --deny-ffi --allow-net --allow-env=\S+ --ignore-env /);
    assert.match(command, /--allow-read=\S*data\/queue\S* /);
  });

  it("quotes what a shell would take apart", async () => {
    const config = await load(
      '{ db: { sqlite: { file: "a b/it\'s,x/s.db" } }, mq: { adapter: memory } }',
    );
    const command = narrowCommand(config, "my config.yml");
    assert.match(command, / '--allow-write=data,a b\/it'\\''s,,x' /);
    assert.match(command, / --config 'my config\.yml'$/);
  });
});
