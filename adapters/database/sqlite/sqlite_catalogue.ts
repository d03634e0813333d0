/** The adapter for SQLite: reading here, writing in a Worker. */
import { getLogger } from "../../../src/ports/logger.ts";
import type {
  BookCatalogue,
  BookPage,
  PageRequest,
  SearchRequest,
} from "../../../src/ports/book_catalogue.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { healthBy } from "../../../src/ports/store_health.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import { createdAt } from "../schema/created_at.ts";
import { sharesIn } from "../schema/gram_shares.ts";
import { indexReports } from "../schema/index_reports.ts";
import { keptPagesBytes } from "../schema/kept_pages.ts";
import { shareLook } from "../schema/shared_look.ts";
import { storedBook } from "../schema/stored_book.ts";
import { type BookReader, openReader } from "./book_reader.ts";
import { createWriter } from "./catalogue_writer.ts";
import {
  identityOf,
  otherFile,
  replacedPart,
  setLogAside,
  type ShelfIdentity,
  shelfIdentity,
  sizeOf,
} from "./shelf_file.ts";
import { openIfReady, openToRead } from "./ready_file.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";
import { type WatchedFile, watchFile } from "./wal_lineage.ts";
import type { TaskName, WriterTasks } from "./writer_tasks.ts";

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
  /** What pages may take that were found and are kept while nothing changes. Default: 4 MiB. */
  readonly pageCacheBytes?: number;
  /** Default: no bound. */
  readonly maxBooks?: number;
  /**
   * Of a file in which nothing has to be made, the writer begins behind this, or with the first
   * change. Default: at once.
   */
  readonly begun?: Promise<void>;
}

const lookMs = 1_000;
const unseenToldMs = 60_000;
/** A file that was removed may be about to be put back. */
const newFileAfterLooks = 5;
const logger = getLogger(["shelfcast", "catalogue"]);

/** What is open, and which files it is. */
interface Opened {
  readonly reader: BookReader;
  readonly watched: WatchedFile;
  readonly identity: ShelfIdentity;
}

/**
 * The shelf in a SQLite file (WAL), which other processes may use at the same time. Queries run on
 * this thread over a read-only connection; every change goes through one Worker.
 *
 * @throws {StoreError} by rejection, `failed`: the file is no SQLite database, is not ours, is
 *   of a newer version, or cannot be made or written.
 */
export async function openSqliteCatalogue(options: SqliteCatalogueOptions): Promise<BookCatalogue> {
  const { file, shelf = "starter", busyTimeoutMs = 5_000, clock = systemClock } = options;
  const { pageCacheBytes = keptPagesBytes } = options;
  const { maxBooks = Infinity, begun = Promise.resolve() } = options;
  const reports = indexReports(clock);
  const writer = createWriter({
    onShelfProgress: options.onShelfProgress ?? (() => {}),
    onSampled(known) {
      shares = sharesIn(known);
    },
    ...reports,
  });
  let shares = sharesIn(undefined);
  let opened: Opened | undefined;
  /** Why nothing is open; told to whoever asks. */
  let missing: StoreError | undefined;
  let closing: Promise<void> | undefined;
  let reopening: Promise<void> | undefined;
  let overwrittenLooks = 0;
  let unseenToldAt = -Infinity;
  let hasBegun = false;
  let cancelLook = (): void => {};

  async function open(): Promise<void> {
    const input = { file, shelf, busyTimeoutMs, createdAt: createdAt(clock.now()) };
    const ready = openIfReady(file);
    if (ready === undefined) await writer.do("prepare", input);
    const shared = { of: (gram: string) => shares.of(gram) };
    const reader = openReader(ready ?? openToRead(file), shared, pageCacheBytes);
    reader.check();
    const watched = watchFile(file);
    opened = { reader, watched, identity: shelfIdentity(file) };
    missing = undefined;
    if (ready === undefined) return;
    writer.prepareLater({ ...input, opened: opened.identity });
    void begun.then(beginWriter);
  }

  function beginWriter(): void {
    hasBegun = true;
    if (closing !== undefined) return;
    writer.begin().catch((error) => reports.onBehind(sqliteFault(error, "write").message));
  }

  function lookAgainSoon(): void {
    cancelLook();
    if (closing === undefined) cancelLook = clock.after(lookMs, look, { keepsAlive: false });
  }

  function look(): void {
    if (opened === undefined || reopening !== undefined || closing !== undefined) return;
    const fault = faultOfFile(opened);
    if (fault === undefined) {
      if (hasBegun) beginWriter();
      return lookAgainSoon();
    }
    if (fault === "unseen") return lookAgainSoon();
    missing = fault;
    reopening = reopen(opened).finally(() => {
      reopening = undefined;
      lookAgainSoon();
    });
  }

  /**
   * Where this user may not look any more, what is open is read on: it may be the same file. The
   * writer refuses changes meanwhile.
   */
  function faultOfFile(now: Opened): StoreError | "unseen" | undefined {
    try {
      const fault = replacedPart(file, now.identity);
      return fault ?? (isOverwritten(now) ? otherFile(file, true) : undefined);
    } catch (error) {
      if (Math.abs(clock.now() - unseenToldAt) >= unseenToldMs) {
        unseenToldAt = clock.now();
        const { message } = sqliteFault(error, "look at the database's file");
        logger.error("No book can be added or changed, and searches go on: {message}", { message });
      }
      return "unseen";
    }
  }

  /** Another process may have written between two questions: what is wrong must be so twice. */
  function isOverwritten({ reader, watched }: Opened): boolean {
    const onDisk = watched.generation();
    const isWhole = sizeOf(`${file}-wal`) === 0;
    overwrittenLooks = isWhole && onDisk !== reader.generation() ? overwrittenLooks + 1 : 0;
    return overwrittenLooks > 1;
  }

  async function reopen({ reader, watched, identity: [own, ownLog] }: Opened): Promise<void> {
    // Where nobody may look it may be the same one, whose log is not touched.
    let isOther = isAnother(own);
    opened = undefined;
    overwrittenLooks = 0;
    reader.close();
    await writer.close().catch(() => {});
    watched[Symbol.dispose]();
    const setAside = (): void => {
      const kept = isOther ? setLogAside(file, ownLog, clock.now()) : undefined;
      isOther = false;
      if (kept !== undefined) {
        logger.warn("The log of the file that is gone is kept as {kept}", { kept });
      }
    };
    for (let left = newFileAfterLooks; closing === undefined; left--) {
      try {
        setAside();
      } catch (error) {
        missing = openFault(error, file);
      }
      await wait(lookMs);
      if (closing !== undefined) return;
      try {
        // A log that could not be put aside would change what stands there now.
        if (isOther || identityOf(file) === undefined && left > 0) continue;
        await open();
        return;
      } catch (error) {
        missing = openFault(error, file);
      }
    }
  }

  function isAnother(own: string | undefined): boolean {
    try {
      return identityOf(file) !== own;
    } catch {
      return false;
    }
  }

  let endWait = (): void => {};
  function wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve, { keepsAlive: false });
      endWait = () => {
        cancel();
        resolve();
      };
    });
  }

  try {
    await open();
  } catch (error) {
    writer.end();
    throw openFault(error, file);
  }
  lookAgainSoon();

  function query<Result>(doing: string, ask: (reader: BookReader) => Result): Result {
    if (closing !== undefined) throw new StoreError("failed", "Catalogue is closed");
    if (opened === undefined) throw missing ?? otherFile(file, false);
    try {
      return ask(opened.reader);
    } catch (error) {
      look();
      throw sqliteFault(error, doing);
    }
  }

  const lookAtVersion = shareLook(() =>
    query("search", (reader) => ({ reader, version: reader.version() }))
  );

  async function find(
    doing: string,
    request: SearchRequest | PageRequest,
    ask: (reader: BookReader, version?: unknown) => BookPage,
  ): Promise<BookPage> {
    if (!query(doing, (reader) => reader.holds(request))) return query(doing, ask);
    const looked = lookAtVersion();
    const seen = looked instanceof Promise ? await looked : looked;
    // Each reader has versions of its own.
    return query(
      doing,
      (reader) => ask(reader, reader === seen.reader ? seen.version : undefined),
    );
  }

  async function change<Name extends TaskName>(
    doing: string,
    task: Name,
    input: WriterTasks[Name]["input"],
  ): Promise<WriterTasks[Name]["output"]> {
    const changed = query(doing, () => writer.do(task, input));
    try {
      return await changed;
    } catch (error) {
      look();
      throw error;
    }
  }

  async function close(): Promise<void> {
    cancelLook();
    endWait();
    await reopening;
    opened?.reader.close();
    try {
      // Only who may write takes the log away.
      await writer.begin().catch(() => {});
      // Behind the changes that wait: they are made, and their callers answered.
      await writer.close();
    } finally {
      writer.end();
      opened?.watched[Symbol.dispose]();
    }
  }

  return {
    search: (request) =>
      find("search", request, (reader, version) => reader.search(request, version)),
    list: (request) =>
      find("list books", request, (reader, version) => reader.list(request, version)),
    // deno-lint-ignore require-await -- a fault must reject, not throw
    async get(id) {
      return query("get a book", (reader) => reader.get(id));
    },
    async add(book) {
      const created = createdAt(clock.now());
      const id = await change("add a book", "add", { book, createdAt: created, maxBooks });
      return storedBook(id, book, created);
    },
    addMissing: (books) =>
      change("add books", "addMissing", { books, createdAt: createdAt(clock.now()), maxBooks }),
    update: (id, book, expected) => change("change a book", "update", { id, book, expected }),
    remove: (id, expected) => change("remove a book", "remove", { id, expected }),
    health: () =>
      // deno-lint-ignore require-await -- a fault must reject, not throw
      healthBy(async () => {
        look();
        query("answer", (reader) => reader.check());
      }),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}
