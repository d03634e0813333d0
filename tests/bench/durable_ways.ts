/**
 * Three ways to have a record on the disk before it is acknowledged: the file log, SQLite inline,
 * SQLite in a Worker.
 */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { insertSynced, openSqliteTable } from "./sqlite_table.ts";

export interface DurableWay extends AsyncDisposable {
  /** Resolves when the value is on the synced disk. */
  append(value: Uint8Array): Promise<unknown>;
}

export const durableWays = {
  "the file log": openLogWay,
  "SQLite on the same thread": openInlineWay,
  "SQLite in a Worker": openWorkerWay,
} as const;

async function openLogWay(directory: string): Promise<DurableWay> {
  const log = await openFileLog({ directory });
  return {
    append: (value) => log.publish("bench", { key: "twelve bytes", value }),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

interface Waiting {
  readonly value: Uint8Array;
  readonly resolve: () => void;
}

/**
 * Group commit, as the log does it: what comes in one turn, or while a commit is under way, shares
 * the next.
 */
function grouped(commit: (values: readonly Uint8Array[]) => void | Promise<void>) {
  let waiting: Waiting[] = [];
  let draining: Promise<void> | undefined;
  async function drain(): Promise<void> {
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await commit(batch.map(({ value }) => value));
      for (const { resolve } of batch) resolve();
      // The writers that have been answered come again.
      await Promise.resolve();
    }
    draining = undefined;
  }
  return (value: Uint8Array) =>
    new Promise<void>((resolve) => {
      waiting.push({ value, resolve });
      draining ??= drain();
    });
}

async function openInlineWay(directory: string): Promise<DurableWay> {
  await Deno.mkdir(directory, { recursive: true });
  const table = openSqliteTable(`${directory}/inline.db`);
  return {
    append: grouped((values) => insertSynced(table, values)),
    [Symbol.asyncDispose]() {
      table.db.close();
      return Promise.resolve();
    },
  };
}

async function openWorkerWay(directory: string): Promise<DurableWay> {
  await Deno.mkdir(directory, { recursive: true });
  const worker = new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module" });
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  const ask = (message: string | readonly Uint8Array[]): Promise<void> => {
    const answered = answer();
    worker.postMessage(message);
    return answered;
  };
  await ask(`${directory}/worker.db`);
  return {
    append: grouped(ask),
    [Symbol.asyncDispose]() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}
