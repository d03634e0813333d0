/// <reference lib="deno.worker" />
import type { DatabaseSync } from "node:sqlite";
import { CatalogueError } from "../../../src/ports/book_catalogue.ts";
import { insertBook } from "./insert_book.ts";
import { inTransaction } from "./transaction.ts";
import { openPrepared } from "./prepare_file.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";
import type { PrepareInput, WriterReply, WriterRequest } from "./writer_tasks.ts";

/*
 * The only place of this process that changes the file. A commit of some hundred rows takes 9 to 18
 * ms, which on the main thread would be a stall of every search; here it is none.
 */

let database: DatabaseSync | undefined;

function perform(request: WriterRequest): number | null {
  switch (request.task) {
    case "prepare":
      database = open(request.input);
      return null;
    case "add": {
      const { book, createdAt } = request.input;
      const opened = prepared();
      try {
        return inTransaction(opened, () => insertBook(opened, book, createdAt));
      } catch (error) {
        throw sqliteFault(error, "add a book");
      }
    }
    case "close":
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
