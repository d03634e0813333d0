/** The questions that searches ask of SQLite. */
import type { DatabaseSync } from "node:sqlite";
import type { Book } from "../../../src/domain/book.ts";
import type { BookPage, PageRequest, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { listPage } from "../schema/book_page.ts";
import { everyTableSql } from "../schema/migrations.ts";
import type { GramShares } from "../schema/gram_shares.ts";
import { findBooks } from "../schema/find_books.ts";
import { bookColumns, toBook } from "./book_row.ts";
import { isBuilding } from "./index_state.ts";
import { type AskCandidates, openCandidates } from "./candidates.ts";
import { keepPages } from "../schema/kept_pages.ts";
import { unindexedBooks } from "./unindexed_books.ts";

/**
 * Queries over a read-only connection. They run on the caller's thread: each takes a few
 * milliseconds at most.
 */
export interface BookReader {
  /** Whether a page of this request is kept, of whatever version. */
  holds(request: SearchRequest | PageRequest): boolean;
  /** Which state of the shelf there is now: it differs when any program has changed anything. */
  version(): unknown;
  /** @param version Of a look behind the request's coming: then a page that is kept will do. */
  search(request: SearchRequest, version?: unknown): BookPage;
  /** @param version As of `search`. */
  list(request: PageRequest, version?: unknown): BookPage;
  get(id: number): Book | undefined;
  /** @throws where a table is missing or the file cannot be read. */
  check(): void;
  /** How many changes it knows of (`wal_lineage.ts`). */
  generation(): number;
  close(): void;
}

/** Some 4 ms of candidates that are none. */
const mostCandidates = 800;

/**
 * @param database Read-only. Belongs to the reader.
 * @param pageCacheBytes What found pages may take that are kept; as much the lists of the index
 *   that led there, half as much titles, and twice as much the books that were looked at.
 */
export function openReader(
  database: DatabaseSync,
  shares: GramShares,
  pageCacheBytes: number,
): BookReader {
  // Holds what searches read of some 50,000 books.
  database.exec("PRAGMA cache_size = -16384");
  const list = database.prepare(
    "SELECT id, json FROM shelfcast_forms WHERE id > ? ORDER BY id LIMIT ? OFFSET ?",
  );
  const listUnindexed = database.prepare(
    `SELECT ${bookColumns} FROM books b WHERE id > ? ORDER BY b.id LIMIT ? OFFSET ?`,
  );
  const get = database.prepare(`SELECT ${bookColumns} FROM books b WHERE b.id = ?`);
  const generation = database.prepare("PRAGMA user_version");
  const everyTable = everyTableSql("sqlite");
  const indexed = openCandidates(database, shares, pageCacheBytes);
  let building = true;

  function run({ query, ...page }: SearchRequest, ask: AskCandidates): BookPage {
    const search = findBooks(query, page, mostCandidates);
    let step = search.next();
    while (!step.done) step = search.next(ask(step.value, query));
    return step.value;
  }

  const begin = database.prepare("BEGIN");
  const end = database.prepare("COMMIT");

  /**
   * Whatever is asked meanwhile is answered by one version of the shelf, and SQLite takes its locks
   * once, which costs as much as a short question.
   */
  function inSnapshot<Result>(read: () => Result): Result {
    begin.get();
    let result: Result;
    try {
      result = read();
    } catch (error) {
      // Where SQLite has ended it by itself, that is not what is told.
      if (database.isTransaction) end.get();
      throw error;
    }
    end.get();
    return result;
  }

  /** In one snapshot: a book that is indexed between two questions would be in neither answer. */
  const whileBuilding = <Result>(read: (building: boolean) => Result): Result =>
    inSnapshot(() => {
      building = isBuilding(database);
      return read(building);
    });

  const dataVersion = database.prepare("PRAGMA data_version");
  const pages = keepPages(pageCacheBytes);

  const versionNow = (): unknown => dataVersion.get()?.data_version;

  function findIndexed(request: SearchRequest): BookPage {
    const version = versionNow();
    const known = pages.find(version, request);
    if (known !== undefined) return known;
    const page = run(request, indexed.begin(version));
    pages.keep(version, request, page);
    return page;
  }

  return {
    holds: (request) => !building && pages.holds(request),
    version: versionNow,
    search(request, version) {
      const known = version === undefined ? undefined : pages.find(version, request);
      if (known !== undefined) return known;
      if (!building) return inSnapshot(() => findIndexed(request));
      const ask = indexed.begin(undefined);
      return whileBuilding((still) =>
        run(request, still ? unindexedBooks(database, request.query, ask) : ask)
      );
    },
    list(request, version = versionNow()) {
      const { after, limit, offset } = request;
      const part = [after?.id ?? 0, limit + 1, offset] as const;
      if (building && whileBuilding((still) => still)) {
        const books = listUnindexed.all(...part).map(toBook);
        return listPage(books.map((book) => ({ id: book.id, json: JSON.stringify(book) })), limit);
      }
      const known = pages.find(version, request);
      if (known !== undefined) return known;
      const rows = list.all(...part).map(({ id, json }) => ({
        id: Number(id),
        json: String(json),
      }));
      const page = listPage(rows, limit);
      pages.keep(version, request, page);
      return page;
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : toBook(row);
    },
    check: () => database.exec(everyTable),
    generation: () => Number(generation.get()?.user_version),
    close: () => database.close(),
  };
}
