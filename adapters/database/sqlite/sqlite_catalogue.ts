/** The adapter for SQLite: reading here, writing in a Worker. */
import { type BookCatalogue, CatalogueError } from "../../../src/ports/book_catalogue.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import { bookPage } from "../schema/book_page.ts";
import { createdAt } from "../schema/created_at.ts";
import { storedBook } from "../schema/stored_book.ts";
import { type BookReader, openReader } from "./book_reader.ts";
import { startWriter } from "./catalogue_writer.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";

export interface SqliteCatalogueOptions {
  /** Made where it does not exist, with its folder. */
  readonly file: string;
  /**
   * What a new file begins with; decided at its first start, for ever. Default: `starter`, 10,000
   * books.
   */
  readonly shelf?: "starter" | "empty";
  /** Called some 20 times while the starter shelf is loaded, never otherwise; books. */
  readonly onShelfProgress?: (loaded: number, total: number) => void;
  /** How long a change waits for another process that writes. Default: 5,000. */
  readonly busyTimeoutMs?: number;
  readonly clock?: Clock;
}

const readBusyTimeoutMs = 200;

/**
 * The shelf in a SQLite file (WAL), which other processes may use at the same time. Queries run on
 * this thread over a read-only connection; every change goes through one Worker.
 *
 * @throws {CatalogueError} by rejection, `failed`: the file is no SQLite database, is not ours, is
 *   of a newer version, or cannot be made or written.
 */
export async function openSqliteCatalogue(options: SqliteCatalogueOptions): Promise<BookCatalogue> {
  const { file, shelf = "starter", busyTimeoutMs = 5_000, clock = systemClock } = options;
  const writer = startWriter(options.onShelfProgress ?? (() => {}));
  let reader: BookReader;
  try {
    await writer.do("prepare", {
      file,
      shelf,
      busyTimeoutMs,
      createdAt: createdAt(clock.now()),
    });
    reader = openReader(file, readBusyTimeoutMs);
  } catch (error) {
    writer.end();
    throw openFault(error, file);
  }
  let closing: Promise<void> | undefined;

  function query<Result>(doing: string, ask: () => Result): Result {
    if (closing !== undefined) throw new CatalogueError("failed", "Catalogue is closed");
    try {
      return ask();
    } catch (error) {
      throw sqliteFault(error, doing);
    }
  }

  async function close(): Promise<void> {
    reader.close();
    try {
      // Behind the changes that wait: they are made, and their callers answered.
      await writer.do("close", null);
    } finally {
      writer.end();
    }
  }

  return {
    // deno-lint-ignore require-await -- a fault must reject, not throw
    async search(request) {
      return query("search", () => bookPage(reader.search(request), request.limit));
    },
    // deno-lint-ignore require-await
    async list(request) {
      return query("list books", () => bookPage(reader.list(request), request.limit));
    },
    // deno-lint-ignore require-await
    async get(id) {
      return query("get a book", () => reader.get(id));
    },
    async add(book) {
      const created_at = createdAt(clock.now());
      const added = query("add a book", () => writer.do("add", { book, createdAt: created_at }));
      return storedBook(await added, book, created_at);
    },
    // deno-lint-ignore require-await
    async isReady() {
      try {
        query("answer", () => reader.list({ offset: 0, limit: 1 }));
        return true;
      } catch {
        return false;
      }
    },
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}
