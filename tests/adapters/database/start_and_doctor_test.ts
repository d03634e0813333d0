/**
 * Doctor says ok where a start works, and fails where it is refused: one set of checks serves both.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import { probeMysql } from "../../../adapters/database/mysql/probe_mysql.ts";
import { probeSqlite } from "../../../adapters/database/sqlite/probe_sqlite.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { BookCatalogue } from "../../../src/ports/book_catalogue.ts";
import { bookOf, faultOf, finds } from "../../contracts/catalogue_law.ts";
import {
  createMysqlDatabase,
  type MysqlDatabase,
  mysqlMissing,
} from "../../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../../services/report_missing.ts";

/** A state of a database in which both must say the same. */
interface State<Place> {
  readonly name: string;
  arrange(place: Place): Promise<void> | void;
  /** What doctor and a refused start say; absent where both say that all is well. */
  readonly refused?: RegExp;
}

/** @returns What doctor said where all is well. */
async function judgedAlike(
  probe: () => Promise<string>,
  open: () => Promise<BookCatalogue>,
  refused: RegExp | undefined,
): Promise<void> {
  if (refused === undefined) {
    await probe();
    await using _ = await open();
    return;
  }
  const told = await faultOf("failed", probe());
  assert.match(told.message, refused);
  assert.equal((await faultOf("failed", open())).message, told.message);
}

const made = async (file: string): Promise<void> => {
  await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
  await catalogue.add(bookOf("Dune"));
};

function change(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

const files: readonly State<string>[] = [
  { name: "no file", arrange() {} },
  { name: "no folder", arrange: (file) => Deno.remove(file.replace(/\/[^/]*$/, "")) },
  { name: "an empty file", arrange: (file) => Deno.writeTextFile(file, "") },
  { name: "a shelf", arrange: made },
  {
    name: "another program's SQLite file",
    arrange: (file) => change(file, "CREATE TABLE loans (isbn TEXT)"),
  },
  {
    name: "a foreign table of books",
    arrange: (file) => change(file, "CREATE TABLE books (isbn TEXT)"),
    refused: /table "books" that Shelfcast did not make/,
  },
  {
    name: "a newer schema",
    async arrange(file) {
      await made(file);
      change(file, "INSERT INTO shelfcast_migrations VALUES (99, '0099_future.sql', '2099')");
    },
    refused: /schema version 99, wanted at most \d+/,
  },
  {
    name: "books that somebody has dropped",
    async arrange(file) {
      await made(file);
      change(file, "DROP TABLE books");
    },
    refused: /has lost the table "books".*restore a backup/,
  },
  {
    name: "a file that is no database",
    arrange: (file) => Deno.writeTextFile(file, "id,title\n".repeat(500)),
    refused: /no SQLite database/,
  },
  {
    name: "a folder in its place",
    arrange: (file) => Deno.mkdir(file),
    refused: /a folder stands there/,
  },
  {
    name: "a file in the place of its folder",
    async arrange(file) {
      const folder = file.replace(/\/[^/]*$/, "");
      await Deno.remove(folder);
      await Deno.writeTextFile(folder, "");
    },
    refused: /a file stands where its folder should/,
  },
];

describe("doctor and start judge a SQLite file alike", () => {
  for (const { name, arrange, refused } of files) {
    it(name, async () => {
      const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
      try {
        await Deno.mkdir(`${folder}/data`);
        const file = `${folder}/data/shelf.db`;
        await arrange(file);
        await judgedAlike(
          () => probeSqlite(file),
          () => openSqliteCatalogue({ file, shelf: "empty" }),
          refused,
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }

  it("a dropped table of search forms: doctor says so, a start makes it anew", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
    const file = `${folder}/shelf.db`;
    try {
      await made(file);
      change(file, "DROP TABLE book_search");
      await assert.rejects(probeSqlite(file), /lost the table "book_search".*start the shop again/);
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      await finds(catalogue, "dune", ["Dune"]);
      assert.match(await probeSqlite(file), /holds 1 books/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("a prepared file: a start writes nothing and waits for nobody who writes", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
    const file = `${folder}/shelf.db`;
    try {
      await made(file);
      using other = new DatabaseSync(file);
      other.exec("BEGIN IMMEDIATE");
      const startedMs = performance.now();
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      await finds(catalogue, "dune", ["Dune"]);
      assert.ok(performance.now() - startedMs < 10_000);
      other.exec("ROLLBACK");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

const limited = "shelfcast_limited";

/** An account that may do so much in the database, and nothing else. */
async function grant({ login, execute }: MysqlDatabase, rights: string): Promise<void> {
  const user = `'${limited}'@'%'`;
  await execute(
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${login.password}'`,
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${user}`,
    `GRANT ${rights} ON ${login.database}.* TO ${user}`,
  );
}

const dml = "SELECT, INSERT, UPDATE, DELETE";

async function madeMysql({ login }: MysqlDatabase): Promise<void> {
  await using catalogue = await openMysqlCatalogue({ ...login, shelf: "empty" });
  await catalogue.add(bookOf("Dune"));
}

const databases: readonly (State<MysqlDatabase> & { readonly isLimited?: boolean })[] = [
  { name: "an empty database", arrange() {} },
  { name: "a shelf", arrange: madeMysql },
  {
    name: "an empty database and an account that may not make tables",
    isLimited: true,
    arrange: (database) => grant(database, dml),
    refused: /lacks tables that db\.user may not make, wanted one with all privileges/,
  },
  {
    name: "a shelf, and an account with SELECT, INSERT, UPDATE and DELETE only",
    isLimited: true,
    async arrange(database) {
      await madeMysql(database);
      await grant(database, dml);
    },
  },
  {
    name: "a foreign table of books",
    arrange: async ({ execute }) => void await execute("CREATE TABLE books (isbn INT)"),
    refused: /table "books" that Shelfcast did not make/,
  },
  {
    name: "a newer schema",
    async arrange(database) {
      await madeMysql(database);
      await database.execute(
        "INSERT INTO shelfcast_migrations VALUES (99, '0099_future.sql', '2099-01-01')",
      );
    },
    refused: /schema version 99, wanted at most \d+/,
  },
  {
    name: "a decision on the shelf that somebody has dropped",
    async arrange(database) {
      await madeMysql(database);
      await database.execute("DROP TABLE starter_shelf");
    },
    refused: /has lost the table "starter_shelf".*restore a backup/,
  },
];

describe("doctor and start judge a MySQL database alike", () => {
  if (mysqlMissing !== undefined) return reportMissing("states of a database", mysqlMissing);
  for (const { name, arrange, refused, isLimited = false } of databases) {
    it(name, async () => {
      await using database = await createMysqlDatabase();
      await arrange(database);
      const login = { ...database.login, ...(isLimited && { user: limited }) };
      await judgedAlike(
        () => probeMysql(login),
        () => openMysqlCatalogue({ ...login, shelf: "empty" }),
        refused,
      );
    });
  }

  it("an account without CREATE adds and finds books where the tables are made", async () => {
    await using database = await createMysqlDatabase();
    await madeMysql(database);
    await grant(database, dml);
    const login = { ...database.login, user: limited };
    await using catalogue = await openMysqlCatalogue({ ...login, shelf: "empty" });
    await catalogue.add(bookOf("Emma"));
    await finds(catalogue, "emma", ["Emma"]);
  });

  it("a dropped table of search forms: doctor says so, a start makes it anew", async () => {
    await using database = await createMysqlDatabase();
    await madeMysql(database);
    await database.execute(
      "DROP TABLE book_search",
      "CREATE TABLE book_search_unfinished (id INT)",
    );
    await assert.rejects(probeMysql(database.login), /lost the table "book_search"/);
    await using catalogue = await openMysqlCatalogue({ ...database.login, shelf: "empty" });
    await finds(catalogue, "dune", ["Dune"]);
    await catalogue.add(bookOf("Emma"));
    await finds(catalogue, "emma", ["Emma"]);
    assert.match(await probeMysql(database.login), /holds 2 books/);
  });
});
