/**
 * `deno task bench:search`: searches through the port on shelves of several sizes, LIKE beside
 * them. Prints Markdown, which docs/performance.md quotes.
 *
 *   --sizes 10000,100000 other sizes than 10 k, 100 k and 1 M --databases sqlite not MariaDB, which
 *   `SHELFCAST_TEST_MYSQL` has to name (a million books want DB_BUFFER_POOL=4G, see mariadb.sh)
 *   --older 1000000 books of a shelf of the version before, searched while it is indexed; 0: none
 *   --keep DIR keeps SQLite's shelves there and MariaDB's on its server, and takes those that are
 *   there
 */
import { existsSync, mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { openMysqlCatalogue } from "../../adapters/database/mysql/mysql_catalogue.ts";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { BookCatalogue } from "../../src/ports/book_catalogue.ts";
import { mysqlMissing } from "../contracts/harnesses/mysql_database.ts";
import { head, machine, row } from "./markdown.ts";
import { benchMigration } from "./migration_bench.ts";
import { openMysqlShelf } from "./mysql_shelf.ts";
import {
  type AskLike,
  benchLike,
  benchSearches,
  type CaseResult,
  fillShelf,
} from "./shelf_bench.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    sizes: { type: "string", default: "10000,100000,1000000" },
    databases: { type: "string", default: "sqlite,mysql" },
    keep: { type: "string" },
    older: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "60" },
  },
});
const sizes = values.sizes.split(",").map(Number);
const databases = values.databases.split(",");
const rounds = Number(values.rounds);
const likeRounds = 5;
const migrationPhaseMs = 40_000;

/** A shelf of a size, ready to be measured. */
interface Shelf extends AsyncDisposable {
  readonly catalogue: BookCatalogue;
  readonly like: AskLike;
  /** What it takes on disk, where it has to be filled. */
  readonly unfilled?: () => Promise<number>;
}

const likeSql = (id: string) =>
  `SELECT ${id}, title, author, published_at, description, created_at FROM books ` +
  "WHERE title LIKE ? OR author LIKE ? OR description LIKE ? ORDER BY id LIMIT 11";

async function openSqlite(books: number): Promise<Shelf> {
  const temporary = values.keep === undefined ? await Deno.makeTempDir() : undefined;
  const folder = temporary ?? values.keep ?? "";
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/sqlite_${books}.db`;
  const isFilled = existsSync(file);
  const catalogue = await openSqliteCatalogue({ file, shelf: "empty", pageCacheBytes: 0 });
  const reader = new DatabaseSync(file, { readOnly: true });
  const like = reader.prepare(likeSql("id"));
  return {
    catalogue,
    like: (word) => Promise.resolve(like.all(...Array(3).fill(`%${word}%`))),
    ...(!isFilled && { unfilled: async () => (await Deno.stat(file)).size / 1e6 }),
    async [Symbol.asyncDispose]() {
      reader.close();
      await catalogue[Symbol.asyncDispose]();
      if (temporary !== undefined) await Deno.remove(temporary, { recursive: true });
    },
  };
}

async function openMysql(books: number): Promise<Shelf> {
  const database = await openMysqlShelf(books, values.keep !== undefined, console.error);
  const options = {
    ...database.login,
    shelf: "empty",
    queryTimeoutMs: 60_000,
    pageCacheBytes: 0,
  } as const;
  const catalogue = await openMysqlCatalogue(options);
  console.log(await database.describe());
  return {
    catalogue,
    // With a connection of its own each time, some ms that count for nothing beside the scan.
    like: (word) => database.execute(likeSql("id").replaceAll("?", `'%${word}%'`)),
    async [Symbol.asyncDispose]() {
      await catalogue[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

interface Measured {
  readonly cases: readonly CaseResult[];
  readonly likeUs: number;
}

async function measure(database: string, books: number): Promise<Measured> {
  await using shelf = await (database === "sqlite" ? openSqlite(books) : openMysql(books));
  if (shelf.unfilled !== undefined) {
    const rate = await fillShelf(shelf.catalogue, books, (done) => {
      if (done % 50_000 === 0) console.error(`${database}: ${done} of ${books} books`);
    });
    const megabytes = Math.round(await shelf.unfilled());
    console.log(
      `${database}, ${books} books: ${Math.round(rate)} books a second, ${megabytes} MB\n`,
    );
  }
  // The writer has told what is frequent, and has made one of the index's parts.
  await new Promise((resolve) => setTimeout(resolve, books > 500_000 ? 20_000 : 3_000));
  return {
    cases: await benchSearches(shelf.catalogue, books, rounds),
    likeUs: await benchLike(shelf.like, likeRounds),
  };
}

function print(database: string, measured: readonly Measured[]): void {
  const micro = (us: number | undefined) => us === undefined ? "–" : String(Math.round(us));
  console.log(
    `\n${database}: p50 / p99 in µs, the last size ÷ the first, † searches that ended early\n`,
  );
  head("", ...sizes.map(String), "÷");
  const [first] = measured;
  const names = first?.cases.map(({ name }) => name) ?? [];
  for (const [index, name] of names.entries()) {
    const found = measured.map(({ cases }) => cases[index]);
    const cells = found.map((one) =>
      `${micro(one?.p50Us)} / ${micro(one?.p99Us)}${one?.incomplete ? " †" : ""}`
    );
    row(name, ...cells, ratio(found.at(-1)?.p50Us, found[0]?.p50Us));
  }
  row("LIKE, miss", ...measured.map(({ likeUs }) => micro(likeUs)), "");
  const missOf = ({ cases }: Measured) => cases.find(({ name }) => name === "miss")?.p50Us;
  row("LIKE ÷ miss", ...measured.map((one) => ratio(one.likeUs, missOf(one))), "");
}

const ratio = (one = NaN, other = NaN): string => (one / other).toFixed(other < one ? 1 : 2);

console.log(`${machine()}, ${rounds} rounds\n`);
for (const database of databases) {
  if (database === "mysql" && mysqlMissing !== undefined) {
    console.log(`\nmysql is left out: ${mysqlMissing}`);
    continue;
  }
  const measured: Measured[] = [];
  for (const books of sizes) measured.push(await measure(database, books));
  print(database, measured);
}

const older = Number(values.older);
if (older > 0) {
  const { phases, openMs, booksASecond } = await benchMigration(older, migrationPhaseMs);
  console.log(
    `\nA shelf of ${older} books of the version before: open after ${openMs.toFixed(0)} ms, ` +
      `${Math.round(booksASecond)} books a second are indexed while it is searched all the time\n`,
  );
  const still = phases[0]?.p99Ms;
  head("", "searches", "p50, ms", "p99, ms", "p99 ÷ nobody writes");
  for (const { name, searches, p50Ms, p99Ms } of phases) {
    row(name, searches, p50Ms.toFixed(1), p99Ms.toFixed(1), ratio(p99Ms, still));
  }
}
