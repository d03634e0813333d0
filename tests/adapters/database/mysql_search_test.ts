/** What a search asks of MySQL, and that its answer is the same however it was asked. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import {
  guessedShares,
  sampleGrams,
  type ShelfShares,
} from "../../../adapters/database/mysql/sample_grams.ts";
import { startMaintenance } from "../../../adapters/database/mysql/maintenance.ts";
import { searchBooks } from "../../../adapters/database/mysql/search_books.ts";
import { indexReports } from "../../../adapters/database/schema/index_reports.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { searchForm } from "../../../src/domain/search_form.ts";
import { placeOf } from "../../../src/domain/search_query.ts";
import { type BookPage, booksOf, type SearchPosition } from "../../../src/ports/book_catalogue.ts";
import { benchShelf } from "../../bench/bench_shelf.ts";
import { bulkFill } from "../../bench/bulk_shelf.ts";
import { bookOf, requestFor } from "../../contracts/catalogue_law.ts";
import {
  createMysqlDatabase,
  type MysqlDatabase,
  mysqlMissing,
} from "../../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../../services/report_missing.ts";

const shelfBooks = 3_000;

/** An empty shelf that no shop has open. */
async function emptyShelf(): Promise<MysqlDatabase> {
  const database = await createMysqlDatabase();
  await (await openMysqlCatalogue({ ...database.login, shelf: "empty" }))[Symbol.asyncDispose]();
  return database;
}

interface Asker extends AsyncDisposable {
  readonly connection: Connection;
  ask(query: string, options?: Asked): Promise<BookPage>;
  /** What the server counts of this connection while something is done. */
  counted(name: string, task: () => Promise<unknown>): Promise<number>;
}

interface Asked {
  readonly shares?: ShelfShares;
  readonly after?: SearchPosition | undefined;
}

async function openAsker({ login }: MysqlDatabase): Promise<Asker> {
  const connection = await createConnection({ ...login, charset: "utf8mb4", dateStrings: true });

  async function status(name: string): Promise<number> {
    const [rows] = await connection.query<RowDataPacket[]>(`SHOW SESSION STATUS LIKE '${name}'`);
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  }

  return {
    connection,
    async ask(query, { shares = guessedShares, after } = {}) {
      const request = { ...requestFor(query, 0, 10), ...(after && { after }) };
      const options = { shares, building: false, wantsVersion: false };
      return (await searchBooks(connection, request, options)).page;
    },
    async counted(name, task) {
      const asked = await status(name);
      const before = await status(name);
      await task();
      // Without what asking for it takes.
      return await status(name) - before - (before - asked);
    },
    [Symbol.asyncDispose]: () => connection.end(),
  };
}

async function sampled(connection: Connection): Promise<ShelfShares> {
  const sample = sampleGrams();
  for (;;) {
    const shares = await sample.step(connection, 500);
    if (shares !== undefined) return shares;
  }
}

/** All that a query finds on `benchShelf`, in order, by definition. */
function meant(query: string): readonly number[] {
  const request = requestFor(query);
  const found = [...benchShelf(shelfBooks)].map((book, index) => ({
    id: index + 1,
    place: placeOf(request.query, searchForm(book), book.isbn),
  }));
  return ([0, 1, 2] as const).flatMap((wanted) =>
    found.filter(({ place }) => place === wanted).map(({ id }) => id)
  );
}

const queries = [
  ...["zyzzyva", "hunger zyzzyva", "harry potter", "hunger games", "the", "the girl", "king"],
  ...["a", "t", "e a o", '"the house of"', '"house the"', "??", "(#", "1", "0439023483"],
  ...["it", "l'étranger", "of mice and men", "j r r tolkien", "ing the ion ent", "thethe"],
];

/** Right or wrong, they only decide in which way is asked. */
const told: readonly (readonly [name: string, shares: ShelfShares])[] = [
  ["nothing", guessedShares],
  ["that all is rare", { of: () => 1e-9, books: shelfBooks }],
  ["that all is frequent", { of: () => 0.9, books: 1e9 }],
];

describe("A search of MySQL", () => {
  if (mysqlMissing !== undefined) return reportMissing("what a search asks", mysqlMissing);

  it("finds the same page by page, whatever it was told of grams", async () => {
    await using database = await emptyShelf();
    await bulkFill(database.login, shelfBooks);
    await using asker = await openAsker(database);
    const known = [...told, ["what is so", await sampled(asker.connection)] as const];
    for (const query of queries) {
      const wanted = meant(query);
      for (const [name, shares] of known) {
        const ids: number[] = [];
        let after: SearchPosition | undefined;
        do {
          const page = await asker.ask(query, { shares, after });
          ids.push(...booksOf(page).map(({ id }) => id));
          after = page.next;
        } while (after !== undefined && ids.length < 200);
        const some = after === undefined ? wanted : wanted.slice(0, ids.length);
        assert.deepEqual(ids, some, `"${query}", told ${name}`);
      }
    }
  });

  it("is told how frequent grams are, beside a shop that runs", async () => {
    await using database = await emptyShelf();
    await bulkFill(database.login, shelfBooks);
    await using asker = await openAsker(database);
    const told = Promise.withResolvers<ShelfShares>();
    const maintenance = startMaintenance({
      run: (task) => task(asker.connection),
      clock: systemClock,
      reports: indexReports(systemClock),
      onSampled: told.resolve,
    });
    const shares = await told.promise;
    await maintenance.stop();
    assert.equal(shares.books, shelfBooks);
    for (const gram of ["the", "__a", "^t", "kin"]) {
      const [rows] = await asker.connection.query<RowDataPacket[]>(
        "SELECT COUNT(*) AS books FROM shelfcast_grams WHERE gram = ?",
        [gram],
      );
      const [share, is] = [shares.of(gram), Number(rows[0]?.books) / shelfBooks];
      assert.ok(share > 0.7 * is && share < 1.3 * is, `${gram}: ${share}, is ${is}`);
    }
    assert.ok(shares.of("zyz") > 0 && shares.of("zyz") < 0.001);
  });

  it("asks once for what no book or few have, and twice at most for a page", async () => {
    await using database = await emptyShelf();
    await bulkFill(database.login, shelfBooks);
    await using asker = await openAsker(database);
    const shares = await sampled(asker.connection);
    const asked = (query: string) =>
      asker.counted("Com_stmt_execute", () => asker.ask(query, { shares }));
    for (const query of ["zyzzyva", "hunger zyzzyva", "qqqq", "hunger games", "0439023483"]) {
      assert.equal(await asked(query), 1, query);
    }
    for (const query of ["king", "the", "the girl", "harry potter", "a", "love story"]) {
      assert.ok(await asked(query) <= 2, query);
    }
  });

  it("reads for a page deep in the answer what it reads for the first", async () => {
    await using database = await emptyShelf();
    await bulkFill(database.login, shelfBooks);
    await using asker = await openAsker(database);
    const shares = await sampled(asker.connection);
    for (const query of ["the", "king"]) {
      const [first = NaN, deep] = await Promise.all([0, shelfBooks * 0.7].map(async (id) => {
        await using own = await openAsker(database);
        const after = { place: 2, id } as const;
        return await own.counted("Handler_read%", () => own.ask(query, { shares, after }));
      }));
      assert.ok(first > 0 && deep !== undefined && deep <= 1.5 * first, `${deep} : ${first}`);
    }
  });

  it("leaves the texts of books that cannot be meant on the server", async () => {
    await using database = await emptyShelf();
    const description = "A house. ".repeat(400);
    {
      await using catalogue = await openMysqlCatalogue({
        ...database.login,
        queryTimeoutMs: 60_000,
      });
      const apart = Array.from(
        { length: 400 },
        (_, n) => bookOf(`Dragon ${n}`, { description }),
      );
      await catalogue.addMissing([...apart, bookOf("House dragon")]);
    }
    await using asker = await openAsker(database);
    for (const [name, shares] of told) {
      const bytes = await asker.counted("Bytes_sent", async () => {
        assert.equal((await asker.ask('"house dragon"', { shares })).count, 1);
      });
      assert.ok(bytes > 100 && bytes < 20_000, `${bytes} bytes, told ${name}`);
    }
  });
});
