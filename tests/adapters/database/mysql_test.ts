/** What only MySQL can do wrong: servers that are away, passwords, tables of others. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type MysqlCatalogueOptions,
  openMysqlCatalogue,
} from "../../../adapters/database/mysql/mysql_catalogue.ts";
import { openConnections } from "../../../adapters/database/mysql/connections.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import type { BookCatalogue } from "../../../src/ports/book_catalogue.ts";
import {
  bookOf,
  comesToFind,
  comesTrue,
  faultOf,
  finds,
  requestFor,
  shelfOf,
  shelve,
} from "../../contracts/catalogue_law.ts";
import {
  createMysqlDatabase,
  type MysqlDatabase,
  mysqlMissing,
} from "../../contracts/harnesses/mysql_database.ts";
import { openInOtherProcess } from "./other_process.ts";
import { openTcpProxy, type TcpProxy } from "./tcp_proxy.ts";
import { reportMissing } from "../../services/report_missing.ts";

interface Law {
  readonly name: string;
  run(database: MysqlDatabase): Promise<void>;
}

const emptyShelf = { shelf: "empty" } as const;
const impatient = { ...emptyShelf, connectTimeoutMs: 300, queryTimeoutMs: 300 };

function open(database: MysqlDatabase, options: Partial<MysqlCatalogueOptions> = {}) {
  return openMysqlCatalogue({ ...database.login, ...options });
}

/** A start fails, says so in these words, and names no password. */
async function refuses(
  database: MysqlDatabase,
  words: RegExp,
  options: Partial<MysqlCatalogueOptions> = {},
): Promise<void> {
  const fault = await faultOf("failed", open(database, { ...emptyShelf, ...options }));
  assert.match(fault.message, words);
  assert.ok(!fault.message.includes(database.login.password));
}

async function becomesReady(catalogue: BookCatalogue): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while ((await catalogue.health()).status !== "ok") {
    assert.ok(performance.now() < deadlineMs, "not ready in 20 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A catalogue behind a proxy with one book in it. */
async function throughProxy(
  database: MysqlDatabase,
  law: (catalogue: BookCatalogue, proxy: TcpProxy) => Promise<void>,
): Promise<void> {
  const { host: hostname, port } = database.login;
  await using proxy = openTcpProxy({ hostname, port });
  await using catalogue = await open(database, { ...impatient, port: proxy.port });
  await shelve(catalogue, ["Dune"]);
  await law(catalogue, proxy);
}

/** The name of an account that may have so many connections. */
async function accountWith(database: MysqlDatabase, connections: number): Promise<string> {
  const user = `shelfcast_has_${connections}`;
  await database.execute(
    `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED BY '${database.login.password}'`,
    `GRANT ALL PRIVILEGES ON ${database.login.database}.* TO ${user}@'%' WITH MAX_USER_CONNECTIONS ${connections}`,
  );
  return user;
}

const laws: readonly Law[] = [
  {
    name: "refuses to start with a wrong password or without its database, and says what is wanted",
    async run(database) {
      await refuses(database, /wanted the right db\.user and db\.password/, { password: "wrong" });
      await refuses(database, /wanted an existing database/, { database: "shelfcast_test_none" });
    },
  },
  {
    name: "refuses a table of books that it has not made, and leaves it as it is",
    async run(database) {
      await database.execute("CREATE TABLE books (isbn INT)");
      await refuses(database, /table "books" that Shelfcast did not make/);
      assert.equal((await database.execute("SHOW TABLES")).length, 1);
    },
  },
  {
    name: "looks no page up again before anything has changed, also of a backup that was restored",
    async run(database) {
      await using catalogue = await open(database, emptyShelf);
      await shelve(catalogue, ["Dune"]);
      for (let n = 0; n < 2; n++) await finds(catalogue, "dune", ["Dune"]);
      const [row] = await database.execute("SELECT token FROM shelfcast_version");
      const token = Object(row).token;
      // Nobody is told of this.
      await database.execute(
        `UPDATE shelfcast_forms SET json = REPLACE(json, 'Dune', 'Dune, changed')`,
      );
      await finds(catalogue, "dune", ["Dune"]);
      await catalogue.add(bookOf("Emma"));
      await finds(catalogue, "dune", ["Dune, changed"]);
      // As a restored backup does it.
      await database.execute(`UPDATE shelfcast_version SET token = '${token}'`);
      await database.execute(`UPDATE shelfcast_forms SET json = REPLACE(json, ', changed', '')`);
      await finds(catalogue, "dune", ["Dune"]);
    },
  },
  {
    name: "refuses tables of a newer version",
    async run(database) {
      await (await open(database, emptyShelf))[Symbol.asyncDispose]();
      await database.execute(
        "INSERT INTO shelfcast_migrations VALUES (99, '0099_future.sql', '2099-01-01')",
      );
      await refuses(database, /schema version 99, wanted at most \d+/);
    },
  },
  {
    name: "goes on where a start was killed between two tables",
    async run(database) {
      await (await open(database, emptyShelf))[Symbol.asyncDispose]();
      await database.execute(
        "DROP TABLE starter_shelf, book_search",
        "DELETE FROM shelfcast_migrations",
      );
      await using catalogue = await open(database, emptyShelf);
      await shelve(catalogue, ["Dune"]);
      await finds(catalogue, "dune", ["Dune"]);
    },
  },
  {
    name: "a table that is gone under a running shop is told with what to do",
    async run(database) {
      await using catalogue = await open(database, emptyShelf);
      await shelve(catalogue, ["Emma"]);
      await database.execute("DROP TABLE shelfcast_grams");
      const fault = await faultOf("failed", catalogue.search(requestFor("emm")));
      assert.match(fault.message, /doesn't exist; wanted all tables .* start the shop again/);
    },
  },
  {
    name: "grams that somebody emptied are made anew beside a shop that runs",
    async run(database) {
      await using catalogue = await open(database, emptyShelf);
      await shelve(catalogue, ["Sons of Dune", "Emma"]);
      await database.execute("TRUNCATE TABLE shelfcast_grams");
      await comesToFind(catalogue, "sons", ["Sons of Dune"]);
      await finds(catalogue, "emma", ["Emma"]);
    },
  },
  {
    name: "loads the shelf whole, from id 1 on, after it was killed while loading",
    async run(database) {
      const { killed } = await openInOtherProcess("mysql", database.login, 500);
      assert.equal(killed, true);
      await using catalogue = await open(database);
      assert.deepEqual((await shelfOf(catalogue, 5, 9_999)).map(({ id }) => id), [10_000]);
    },
  },
  {
    name: "loads the shelf once for processes that start at the same time",
    async run(database) {
      const ended = await Promise.all(
        Array.from({ length: 3 }, () => openInOtherProcess("mysql", database.login)),
      );
      assert.deepEqual(ended.map(({ printed }) => printed), ["1", "1", "1"]);
    },
  },
  {
    name: "does not bring back starter books that somebody has deleted",
    async run(database) {
      await (await open(database))[Symbol.asyncDispose]();
      await database.execute("DELETE FROM books");
      await using catalogue = await open(database);
      assert.deepEqual(await shelfOf(catalogue, 1), []);
      assert.equal((await catalogue.add(bookOf("Dune"))).id, 10_001);
    },
  },
  {
    name: "prepares a database that comes after it has started",
    async run(database) {
      const { host: hostname, port } = database.login;
      await using proxy = openTcpProxy({ hostname, port });
      await proxy.set("refuse");
      await using catalogue = await open(database, { ...impatient, port: proxy.port });
      assert.equal((await catalogue.health()).status === "ok", false);
      await proxy.set("pass");
      await becomesReady(catalogue);
      assert.equal((await catalogue.add(bookOf("Dune"))).id, 1);
    },
  },
  {
    name: "is unavailable while its server is away, and answers again without a restart",
    run: (database) =>
      throughProxy(database, async (catalogue, proxy) => {
        await proxy.set("refuse");
        await faultOf("unavailable", catalogue.search(requestFor("dune")));
        await faultOf("unavailable", catalogue.add(bookOf("Emma")));
        assert.equal((await catalogue.health()).status === "ok", false);
        await proxy.set("pass");
        await finds(catalogue, "dune", ["Dune"]);
        assert.equal((await catalogue.health()).status === "ok", true);
        assert.equal((await catalogue.add(bookOf("Emma"))).title, "Emma");
      }),
  },
  {
    name:
      "is unavailable within its time-out while its server is stuck, whoever waits for a connection",
    run: (database) =>
      throughProxy(database, async (catalogue, proxy) => {
        await proxy.set("silence");
        const startedMs = performance.now();
        await Promise.all(
          Array.from({ length: 30 }, () =>
            faultOf("unavailable", catalogue.search(requestFor("dune")))),
        );
        assert.equal((await catalogue.health()).status === "ok", false);
        // 300 ms for the searches, 900 for the readiness.
        assert.ok(performance.now() - startedMs < 2_500);
        await proxy.set("pass");
        await becomesReady(catalogue);
        await finds(catalogue, "dune", ["Dune"]);
      }),
  },
  {
    name: "asks a question again when its connection breaks, but does not add a book twice",
    run: (database) =>
      throughProxy(database, async (catalogue, proxy) => {
        proxy.breakNext();
        await finds(catalogue, "dune", ["Dune"]);
        proxy.breakNext();
        await faultOf("unavailable", catalogue.add(bookOf("Emma")));
        await finds(catalogue, "emma", []);
      }),
  },
  {
    name: "answers the first searches after a rest in which a firewall dropped all connections",
    async run(database) {
      const { host: hostname, port } = database.login;
      await using proxy = openTcpProxy({ hostname, port });
      let nowMs = 0;
      const clock: Clock = { ...systemClock, now: () => nowMs };
      const options = { ...emptyShelf, port: proxy.port, clock };
      await using catalogue = await open(database, options);
      await shelve(catalogue, ["Dune"]);
      const searchTen = () =>
        Promise.all(Array.from({ length: 10 }, () => finds(catalogue, "dune", ["Dune"])));
      await searchTen();
      proxy.forgetOpen();
      nowMs += 60_000;
      const startedMs = performance.now();
      await searchTen();
      assert.ok(performance.now() - startedMs < 2_500, "each waited for its time-out");
      proxy.forgetOpen();
      nowMs += 60_000;
      assert.equal((await catalogue.add(bookOf("Emma"))).title, "Emma");
    },
  },
  {
    name: "waits for a connection where the account has fewer than the pool",
    async run(database) {
      const user = await accountWith(database, 4);
      await using catalogue = await open(database, { ...emptyShelf, user });
      await shelve(catalogue, ["Dune"]);
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 24 }, () => finds(catalogue, "dune", ["Dune"])));
      }
    },
  },
  {
    name: "waits for one also where all come at once and none is there yet",
    async run(database) {
      const user = await accountWith(database, 1);
      for (let round = 0; round < 10; round++) {
        const connections = openConnections({
          ...database.login,
          user,
          poolSize: 10,
          connectTimeoutMs: 5_000,
          clock: systemClock,
        });
        const runs = Array.from(
          { length: 10 },
          () => connections.run(10_000, (connection) => connection.query("SELECT 1")),
        );
        assert.equal((await Promise.all(runs)).length, 10);
        await connections.close();
        // Its server counts a connection for a while after it was closed.
        await comesTrue(async () => {
          const sql = `SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = '${user}'`;
          return (await database.execute(sql)).length === 0;
        });
      }
    },
  },
  {
    name: "closes in a few seconds while its server is stuck",
    async run(database) {
      const { host: hostname, port } = database.login;
      await using proxy = openTcpProxy({ hostname, port });
      const patient = { ...emptyShelf, port: proxy.port, queryTimeoutMs: 60_000 };
      const catalogue = await open(database, patient);
      await proxy.set("silence");
      const searching = faultOf("failed", catalogue.search(requestFor("dune")));
      const startedMs = performance.now();
      await catalogue[Symbol.asyncDispose]();
      assert.ok(performance.now() - startedMs < 5_000);
      await searching;
    },
  },
];

describe("MySQL catalogue", () => {
  if (mysqlMissing !== undefined) return reportMissing(`${laws.length} laws`, mysqlMissing);
  for (const { name, run } of laws) {
    it(name, async () => {
      await using database = await createMysqlDatabase();
      await run(database);
    });
  }
});
