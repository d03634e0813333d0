/// <reference lib="deno.worker" />
import type { DatabaseSync } from "node:sqlite";
import { CatalogueError } from "../../../src/ports/book_catalogue.ts";
import { insertBook } from "./insert_book.ts";
import { countChange, inTransaction } from "./transaction.ts";
import { openPrepared } from "./prepare_file.ts";
import { identityOf, otherFile } from "./shelf_file.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";
import type { PrepareInput, WriterReply, WriterRequest } from "./writer_tasks.ts";

/*
 * The only place of this process that changes the file. A commit of some hundred rows takes 9 to 18
 * ms, which on the main thread would be a stall of every search; here it is none.
 */

let database: DatabaseSync | undefined;
let file = "";
let identity: string | undefined;
let checkpoint: ReturnType<typeof setTimeout> | undefined;

function perform(request: WriterRequest): number | null {
  switch (request.task) {
    case "prepare":
      database = open(request.input);
      file = request.input.file;
      identity = identityOf(file);
      emptyLogSoon(database);
      return null;
    case "add": {
      const { book, createdAt } = request.input;
      const opened = prepared();
      try {
        assertSameFile();
        const id = inTransaction(opened, () => {
          countChange(opened);
          return insertBook(opened, book, createdAt);
        });
        // Again, as it may have gone meanwhile: what is answered for has a name.
        assertSameFile();
        emptyLogSoon(opened);
        return id;
      } catch (error) {
        throw sqliteFault(error, "add a book");
      }
    }
    case "close":
      clearTimeout(checkpoint);
      database?.close();
      database = undefined;
      return null;
  }
}

function open(input: PrepareInput): DatabaseSync {
  try {
    return openPrepared(input, (loaded, total) => reply({ kind: "progress", loaded, total }));
  } catch (error) {
    throw openFault(error, input.file);
  }
}

function assertSameFile(): void {
  const found = identityOf(file);
  if (found !== identity) throw otherFile(file, found !== undefined);
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
      const timeout = opened.prepare("PRAGMA busy_timeout").get()?.timeout;
      opened.exec("PRAGMA busy_timeout = 0");
      const busy = opened.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy;
      opened.exec(`PRAGMA busy_timeout = ${Number(timeout)}`);
      if (busy !== 0) emptyLogSoon(opened, retryMs);
    } catch {
      // A disk that is full, say: the log stays, and the next change tries again.
    }
  }, delayMs);
}

function prepared(): DatabaseSync {
  if (database === undefined) throw new CatalogueError("failed", "SQLite file is not open");
  return database;
}

function reply(message: WriterReply): void {
  self.postMessage(message);
}

self.onmessage = ({ data: request }: MessageEvent<WriterRequest>) => {
  const { call } = request;
  try {
    reply({ kind: "done", call, output: perform(request) });
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
