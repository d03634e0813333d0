/**
 * The main thread's end of the Worker that makes all changes. The Worker is started by the first
 * call: it takes about as long as all that a first answer needs, and no search asks it anything.
 */
import { StoreError } from "../../../src/ports/store_error.ts";
import type { SharedGrams } from "../schema/gram_shares.ts";
import type { IndexReports } from "../schema/index_reports.ts";
import { type WorkerCalls, workerCalls } from "./worker_calls.ts";
import type { PrepareInput, TaskName, WriterReply, WriterTasks } from "./writer_tasks.ts";

/** Tasks are done one by one, in the order of the calls. */
export interface CatalogueWriter {
  /** Behind what was left for later. @throws {StoreError} by rejection. */
  do<Name extends TaskName>(
    task: Name,
    input: WriterTasks[Name]["input"],
  ): Promise<WriterTasks[Name]["output"]>;
  /** Leaves preparing the file for `begin` or the next task, whichever comes first. */
  prepareLater(input: PrepareInput): void;
  /**
   * Does what was left for later; if that fails, it stays so. @throws {StoreError} by rejection.
   */
  begin(): Promise<void>;
  /** Closes the file, behind the tasks that wait; what was left for later is not done. */
  close(): Promise<void>;
  /** Ends the Worker at once; calls that wait, and later ones, reject with `failed`. */
  end(): void;
}

export interface WriterListeners extends IndexReports {
  onShelfProgress(loaded: number, total: number): void;
  onSampled(shares: SharedGrams): void;
}

export function createWriter(listeners: WriterListeners): CatalogueWriter {
  let calls: WorkerCalls | undefined;
  let isEnded = false;
  let left: PrepareInput | undefined;
  let beginning: Promise<void> | undefined;

  function ask<Name extends TaskName>(
    task: Name,
    input: WriterTasks[Name]["input"],
  ): Promise<WriterTasks[Name]["output"]> {
    if (isEnded) return Promise.reject(closed());
    calls ??= startWorker(listeners);
    // The reply's output belongs to the task of that call: the Worker's switch is checked against
    // the same table.
    return calls.ask({ task, input }) as Promise<WriterTasks[Name]["output"]>;
  }

  function begin(): Promise<void> {
    if (left === undefined) return Promise.resolve();
    return beginning ??= ask("prepare", left).then(() => {
      left = undefined;
    }).finally(() => {
      beginning = undefined;
    });
  }

  return {
    do(task, input) {
      return left === undefined ? ask(task, input) : begin().then(() => ask(task, input));
    },
    prepareLater(input) {
      left = input;
    },
    begin,
    async close() {
      // Tasks that wait for it come first.
      await beginning?.catch(() => {});
      left = undefined;
      if (calls !== undefined) await ask("close", null);
    },
    end() {
      isEnded = true;
      calls?.end(closed());
    },
  };
}

const closed = (): StoreError => new StoreError("failed", "Catalogue is closed");

function startWorker(listeners: WriterListeners): WorkerCalls {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const calls = workerCalls(worker, (reason) => `SQLite writer has ended: ${reason}`);

  worker.onmessage = ({ data: reply }: MessageEvent<WriterReply>) => {
    if (reply.kind === "progress") return listeners.onShelfProgress(reply.loaded, reply.total);
    if (reply.kind === "build") return listeners.onBuild(reply.progress);
    if (reply.kind === "sampled") return listeners.onSampled(reply.shares);
    if (reply.kind === "unnoted") return listeners.onUnnoted();
    if (reply.kind === "behind") return listeners.onBehind(reply.message);
    if (reply.kind === "done") return calls.resolve(reply.call, reply.output);
    const { code, message, cause } = reply;
    calls.reject(reply.call, new StoreError(code, message, { cause }));
  };
  return calls;
}
