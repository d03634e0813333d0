/// <reference lib="deno.worker" />
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../../src/ports/store_error.ts";
import {
  assertWithin,
  insertBooks,
  insertMissing,
  removeBook,
  updateBook,
} from "./change_books.ts";
import { type Maintenance, startMaintenance } from "./maintenance.ts";
import { countChange, inTransaction } from "./transaction.ts";
import { prepareOnce } from "./prepared.ts";
import { openPrepared } from "./prepare_file.ts";
import { replacedPart, type ShelfIdentity, shelfIdentity } from "./shelf_file.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";
import type {
  PrepareInput,
  TaskName,
  WriterReply,
  WriterRequest,
  WriterTasks,
} from "./writer_tasks.ts";

/*
 * The only place of this process that changes the file. A commit of some hundred rows takes 9 to 18
 * ms, which on the main thread would be a stall of every search; here it is none.
 */

let database: DatabaseSync | undefined;
let file = "";
let identity: ShelfIdentity = [];
let maintenance: Maintenance | undefined;
let checkpoint: ReturnType<typeof setTimeout> | undefined;

async function perform(request: WriterRequest): Promise<WriterTasks[TaskName]["output"]> {
  switch (request.task) {
    case "prepare":
      database = await open(request.input);
      file = request.input.file;
      identity = request.input.opened ?? shelfIdentity(file);
      emptyLogSoon(database);
      maintenance = maintain(database);
      return null;
    case "add": {
      const { book, createdAt, maxBooks } = request.input;
      return change("add a book", (opened) => {
        const [id] = insertBooks(opened, [book], createdAt);
        assertWithin(opened, maxBooks);
        return id ?? null;
      });
    }
    case "addMissing": {
      const { books, createdAt, maxBooks } = request.input;
      return change("add books", (opened) => {
        const added = insertMissing(opened, books, createdAt);
        if (added > 0) assertWithin(opened, maxBooks);
        return added;
      });
    }
    case "update": {
      const { id, book, expected } = request.input;
      return change("change a book", (opened) => updateBook(opened, id, book, expected));
    }
    case "remove": {
      const { id, expected } = request.input;
      return change("remove a book", (opened) => removeBook(opened, id, expected));
    }
    case "close":
      maintenance?.stop();
      clearTimeout(checkpoint);
      database?.close();
      database = undefined;
      return null;
  }
}

function change<Result>(doing: string, make: (opened: DatabaseSync) => Result): Result {
  const opened = prepared();
  try {
    assertSameFile();
    const result = inTransaction(opened, () => {
      countChange(opened);
      return make(opened);
    });
    // Again, as it may have gone meanwhile: what is answered for has a name.
    assertSameFile();
    emptyLogSoon(opened);
    return result;
  } catch (error) {
    throw sqliteFault(error, doing);
  }
}

function maintain(opened: DatabaseSync): Maintenance {
  return startMaintenance(opened, {
    beforeChange: assertSameFile,
    onChanged: () => emptyLogSoon(opened),
    onBuild: (progress) => reply({ kind: "build", progress }),
    onSampled: (shares) => reply({ kind: "sampled", shares }),
    onUnnoted: () => reply({ kind: "unnoted" }),
    onFault(error) {
      reply({ kind: "behind", message: sqliteFault(error, "index books").message });
    },
  });
}

async function open(input: PrepareInput): Promise<DatabaseSync> {
  try {
    return await openPrepared(input, (loaded, total) => reply({ kind: "progress", loaded, total }));
  } catch (error) {
    throw openFault(error, input.file);
  }
}

function assertSameFile(): void {
  const fault = replacedPart(file, identity);
  if (fault !== undefined) throw fault;
}

const idleMs = 20;
const retryMs = 1_000;

/**
 * Between changes the file is whole and its log empty: a copy of the file is a backup, and nothing
 * is replayed into a file that is put in its place. Whoever reads or writes is not waited for.
 */
function emptyLogSoon(opened: DatabaseSync, delayMs = idleMs): void {
  clearTimeout(checkpoint);
  checkpoint = setTimeout(() => {
    try {
      const timeout = prepareOnce(opened, "PRAGMA busy_timeout").get()?.timeout;
      opened.exec("PRAGMA busy_timeout = 0");
      const busy = prepareOnce(opened, "PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy;
      opened.exec(`PRAGMA busy_timeout = ${Number(timeout)}`);
      if (busy !== 0) emptyLogSoon(opened, retryMs);
    } catch {
      // A disk that is full, say: the log stays, and the next change tries again.
    }
  }, delayMs);
}

function prepared(): DatabaseSync {
  if (database === undefined) throw new StoreError("failed", "SQLite file is not open");
  return database;
}

function reply(message: WriterReply): void {
  self.postMessage(message);
}

// Nothing is asked for before the file is prepared, and all else is done at once.
self.onmessage = async ({ data: request }: MessageEvent<WriterRequest>) => {
  const { call } = request;
  try {
    reply({ kind: "done", call, output: await perform(request) });
  } catch (error) {
    const { code, message, cause } = sqliteFault(error, request.task);
    reply({
      kind: "failed",
      call,
      code,
      message,
      cause: cause === undefined ? undefined : String(cause),
    });
  }
};
