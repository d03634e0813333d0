/** The adapter for MySQL and MariaDB. */
import type { Connection } from "mysql2/promise";
import type { BookCatalogue, BookPage, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { healthBy } from "../../../src/ports/store_health.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import { createdAt } from "../schema/created_at.ts";
import { everyTableSql } from "../schema/migrations.ts";
import { indexReports } from "../schema/index_reports.ts";
import { keepPages, keptPagesBytes } from "../schema/kept_pages.ts";
import { storedBook } from "../schema/stored_book.ts";
import { getBook, listBooks } from "./book_queries.ts";
import { isBuilding } from "./index_build.ts";
import {
  assertWithin,
  insertBooks,
  insertMissing,
  removeBook,
  updateBook,
} from "./change_books.ts";
import { openConnections } from "./connections.ts";
import { lockImports, unlockImports } from "./import_lock.ts";
import { guessedShares } from "./sample_grams.ts";
import { searchBooks } from "./search_books.ts";
import { startMaintenance } from "./maintenance.ts";
import { shareQuestion } from "./shared_question.ts";
import { renewVersion, shelfVersion } from "./shelf_version.ts";
import { type Preparation, startPreparation } from "./preparation.ts";
import { prepareDatabase, prepareTimeoutMs } from "./prepare_database.ts";

export interface MysqlCatalogueOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Must exist; its tables are made. */
  readonly database: string;
  /**
   * What a new database begins with; decided at its first start, for ever. Default: `starter`,
   * 10,000 books.
   */
  readonly shelf?: "starter" | "empty";
  /** Called some 20 times while the starter shelf is loaded, never otherwise; books. */
  readonly onShelfProgress?: (loaded: number, total: number) => void;
  /** TLS, with the system's authorities or with one's own (PEM). Default: none. */
  readonly ssl?: { readonly ca?: string } | undefined;
  /** The server's public key (PEM), without TLS: no other gets the password. Default: any does. */
  readonly publicKey?: { readonly pem: string } | undefined;
  /** Connections at most. Default: 10. */
  readonly poolSize?: number;
  /** Default: 2,000. */
  readonly connectTimeoutMs?: number;
  /**
   * How long a call waits for its answer, waiting for a free connection included. Default: 3,000.
   */
  readonly queryTimeoutMs?: number;
  readonly clock?: Clock;
  /** What pages may take that were found and are kept while nothing changes. Default: 4 MiB. */
  readonly pageCacheBytes?: number;
  /** Default: no bound. */
  readonly maxBooks?: number;
}

/** `health` must resolve within a second. */
const readyTimeoutMs = 900;
/** Of a small transaction that may wait for somebody who changes thousands of books. */
const maintenanceTimeoutMs = 10_000;

/**
 * The shelf in MySQL 8 or MariaDB, by a pool of connections. Where the server is away, it opens all
 * the same: calls reject with `unavailable`, and it becomes ready when the server does. A server
 * that was ready and goes away is the same.
 *
 * @throws {StoreError} by rejection, `failed`: the server is there and refuses the credentials
 *   or has no such database, or the tables in it are not ours or of a newer version.
 */
export async function openMysqlCatalogue(options: MysqlCatalogueOptions): Promise<BookCatalogue> {
  const { database, shelf = "starter", onShelfProgress = () => {} } = options;
  const { poolSize = 10, connectTimeoutMs = 2_000, queryTimeoutMs = 3_000 } = options;
  const { clock = systemClock, maxBooks = Infinity } = options;
  const { pageCacheBytes = keptPagesBytes } = options;
  const everyTable = everyTableSql("mysql");
  const connections = openConnections({ ...options, poolSize, connectTimeoutMs, clock });

  function prepare(): Promise<void> {
    const preparing = { database, shelf, createdAt: createdAt(clock.now()), onShelfProgress };
    return connections.run(
      prepareTimeoutMs,
      (connection) => prepareDatabase(connection, preparing),
    );
  }

  let preparation: Preparation;
  try {
    preparation = await startPreparation(prepare, clock);
  } catch (error) {
    await connections.close();
    throw error;
  }
  let closing: Promise<void> | undefined;

  function ask<Result>(
    task: (connection: Connection) => Promise<Result>,
    timeoutMs = queryTimeoutMs,
    isFresh = false,
  ): Promise<Result> {
    if (closing !== undefined) {
      return Promise.reject(new StoreError("failed", "Catalogue is closed"));
    }
    const { missing } = preparation;
    if (missing !== undefined) {
      return Promise.reject(
        new StoreError("unavailable", "Database is not ready", { cause: missing }),
      );
    }
    return connections.run(timeoutMs, task, isFresh);
  }

  /**
   * A question can be asked twice: a pool may hold connections that died with the server's last
   * run.
   */
  async function read<Result>(
    task: (connection: Connection) => Promise<Result>,
    timeoutMs = queryTimeoutMs,
  ): Promise<Result> {
    const startedMs = clock.now();
    try {
      return await ask(task, timeoutMs);
    } catch (error) {
      const leftMs = timeoutMs - (clock.now() - startedMs);
      const again = error instanceof StoreError && error.code === "unavailable" && leftMs > 0;
      if (!again || closing !== undefined) throw error;
      return await ask(task, leftMs, true);
    }
  }

  /** One transaction; a task that throws takes its connection, and what it has done, with it. */
  function change<Result>(task: (connection: Connection) => Promise<Result>): Promise<Result> {
    return ask((connection) => inTransaction(connection, task));
  }

  let shares = guessedShares;
  let building = true;
  const pages = keepPages(pageCacheBytes);
  const askVersion = shareQuestion(() => read(shelfVersion));

  async function search(request: SearchRequest): Promise<BookPage> {
    const startedMs = clock.now();
    if (pages.holds(request)) {
      const known = pages.find(await askVersion(), request);
      if (known !== undefined) return known;
    }
    const { page, version } = await read(async (connection) => {
      building = building && await isBuilding(connection);
      // The older table of a shelf that is being indexed has no version.
      const wantsVersion = pageCacheBytes > 0 && !building;
      return await searchBooks(connection, request, { shares, building, wantsVersion });
    }, Math.max(1, queryTimeoutMs - (clock.now() - startedMs)));
    pages.see(version);
    pages.keep(version, request, page);
    return page;
  }

  const maintenance = startMaintenance({
    run: (task) => ask(task, maintenanceTimeoutMs),
    clock,
    reports: indexReports(clock),
    onSampled: (known) => shares = known,
  });

  async function close(): Promise<void> {
    const stopped = Promise.all([preparation.stop(), maintenance.stop()]);
    await connections.close();
    await stopped;
  }

  return {
    search,
    list: (request) => read((connection) => listBooks(connection, request)),
    get: (id) => read((connection) => getBook(connection, id)),
    async add(book) {
      const created = createdAt(clock.now());
      const id = await change(async (connection) => {
        const first = await insertBooks(connection, [book], created);
        await assertWithin(connection, maxBooks);
        return first;
      });
      return storedBook(id, book, created);
    },
    addMissing: (books) =>
      ask(async (connection) => {
        await lockImports(connection);
        const added = await inTransaction(connection, async () => {
          const fresh = await insertMissing(connection, books, createdAt(clock.now()));
          if (fresh > 0) await assertWithin(connection, maxBooks);
          return fresh;
        });
        await unlockImports(connection);
        return added;
      }),
    update: (id, book, expected) =>
      change((connection) => updateBook(connection, id, book, expected)),
    remove: (id, expected) => change((connection) => removeBook(connection, id, expected)),
    health: () => healthBy(() => ask((connection) => connection.query(everyTable), readyTimeoutMs)),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

/** A change of the shelf, behind which the index has another version. */
async function inTransaction<Result>(
  connection: Connection,
  task: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await connection.beginTransaction();
  const result = await task(connection);
  await renewVersion(connection);
  await connection.commit();
  return result;
}
