/// <reference lib="deno.worker" />
import type { DatabaseSync } from "node:sqlite";
import { createdAt } from "../schema/created_at.ts";
import { type ModelTask, performTask } from "../schema/read_models/model_tasks.ts";
import { openModelFile } from "./model_file.ts";
import { statementsOn } from "./model_statements.ts";
import type { ModelReply, ModelRequest } from "./model_writer.ts";
import { identityOf, otherFile, setLogAside } from "./shelf_file.ts";
import { openFault, sqliteFault } from "./sqlite_fault.ts";
import { countChange } from "./transaction.ts";

/*
 * The only place of this process that changes the file of read models. A commit of a batch takes
 * tens of milliseconds, which on the main thread would be a stall of every search.
 */

let file = "";
let opened: { readonly database: DatabaseSync; readonly identity: string | undefined } | undefined;
let log: string | undefined;

function open(): DatabaseSync {
  try {
    const database = openModelFile(file, createdAt(Date.now()));
    opened = { database, identity: identityOf(file) };
    log = identityOf(`${file}-wal`);
    return database;
  } catch (error) {
    throw openFault(error, file);
  }
}

/**
 * A file that was replaced, or is gone, is opened as it is now: its positions tell what it lacks.
 */
function current(): DatabaseSync {
  if (opened === undefined) return open();
  if (identityOf(file) === opened.identity) return opened.database;
  opened.database.close();
  opened = undefined;
  setLogAside(file, log, Date.now());
  return open();
}

async function change(task: ModelTask) {
  const database = current();
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = await performTask(statementsOn(database), task);
    countChange(database);
    database.exec("COMMIT");
    // What is answered for has a name.
    const found = identityOf(file);
    if (found !== opened?.identity) throw otherFile(file, found !== undefined);
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

async function perform(request: ModelRequest) {
  if (request.task === "open") {
    file = request.input.file;
    open();
    return null;
  }
  if (request.task === "close") {
    opened?.database.close();
    opened = undefined;
    return null;
  }
  return await change(request);
}

async function answer(request: ModelRequest): Promise<void> {
  const { call } = request;
  try {
    reply({ call, output: await perform(request) });
  } catch (error) {
    const { code, message, cause } = sqliteFault(error, "keep what was consumed");
    reply({
      call,
      fault: { code, message, cause: cause === undefined ? undefined : String(cause) },
    });
  }
}

function reply(message: ModelReply): void {
  self.postMessage(message);
}

/** One after the other: a transaction is the connection's. */
let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<ModelRequest>) => {
  last = last.then(() => answer(data));
};
