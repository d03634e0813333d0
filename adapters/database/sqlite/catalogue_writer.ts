import { StoreError } from "../../../src/ports/store_error.ts";
import type { SharedGrams } from "../schema/gram_shares.ts";
import type { IndexReports } from "../schema/index_reports.ts";
import { workerCalls } from "./worker_calls.ts";
import type { TaskName, WriterReply, WriterTasks } from "./writer_tasks.ts";

/**
 * The main thread's end of the Worker that makes all changes. Tasks are done one by one, in the
 * order of the calls.
 */
export interface CatalogueWriter {
  /** @throws {StoreError} by rejection. */
  do<Name extends TaskName>(
    task: Name,
    input: WriterTasks[Name]["input"],
  ): Promise<WriterTasks[Name]["output"]>;
  /** Ends the Worker at once; calls that wait reject with `failed`. */
  end(): void;
}

export interface WriterListeners extends IndexReports {
  onShelfProgress(loaded: number, total: number): void;
  onSampled(shares: SharedGrams): void;
}

export function startWriter(listeners: WriterListeners): CatalogueWriter {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const calls = workerCalls(worker, (reason) => `SQLite writer has ended: ${reason}`);

  worker.onmessage = ({ data: reply }: MessageEvent<WriterReply>) => {
    if (reply.kind === "progress") return listeners.onShelfProgress(reply.loaded, reply.total);
    if (reply.kind === "build") return listeners.onBuild(reply.progress);
    if (reply.kind === "sampled") return listeners.onSampled(reply.shares);
    if (reply.kind === "behind") return listeners.onBehind(reply.message);
    if (reply.kind === "done") return calls.resolve(reply.call, reply.output);
    const { code, message, cause } = reply;
    calls.reject(reply.call, new StoreError(code, message, { cause }));
  };

  return {
    do<Name extends TaskName>(task: Name, input: WriterTasks[Name]["input"]) {
      // The reply's output belongs to the task of that call: the Worker's switch is checked against
      // the same table.
      return calls.ask({ task, input }) as Promise<WriterTasks[Name]["output"]>;
    },
    end: () => calls.end(new StoreError("failed", "Catalogue is closed")),
  };
}
