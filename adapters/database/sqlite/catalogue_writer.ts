import { StoreError } from "../../../src/ports/store_error.ts";
import type { SharedGrams } from "../schema/gram_shares.ts";
import type { IndexReports } from "../schema/index_reports.ts";
import type { TaskName, WriterReply, WriterRequest, WriterTasks } from "./writer_tasks.ts";

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

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

export interface WriterListeners extends IndexReports {
  onShelfProgress(loaded: number, total: number): void;
  onSampled(shares: SharedGrams): void;
}

export function startWriter(listeners: WriterListeners): CatalogueWriter {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  let ended: StoreError | undefined;
  let lastCall = 0;

  function end(error: StoreError): void {
    ended ??= error;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }

  worker.onmessage = ({ data: reply }: MessageEvent<WriterReply>) => {
    if (reply.kind === "progress") return listeners.onShelfProgress(reply.loaded, reply.total);
    if (reply.kind === "build") return listeners.onBuild(reply.progress);
    if (reply.kind === "sampled") return listeners.onSampled(reply.shares);
    if (reply.kind === "behind") return listeners.onBehind(reply.message);
    const call = waiting.get(reply.call);
    waiting.delete(reply.call);
    if (reply.kind === "done") return call?.resolve(reply.output);
    const { code, message, cause } = reply;
    call?.reject(new StoreError(code, message, { cause }));
  };
  worker.onerror = (event) => {
    // Otherwise it would end the process: searches can go on without a writer.
    event.preventDefault();
    end(
      new StoreError("failed", `SQLite writer has ended: ${event.message}`, {
        cause: event.error,
      }),
    );
  };

  return {
    do(task, input) {
      const call = ++lastCall;
      return new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        // The reply's output belongs to the task of that call: the Worker's switch is checked
        // against the same table.
        waiting.set(call, { resolve: resolve as Waiting["resolve"], reject });
        worker.postMessage({ call, task, input } as WriterRequest);
      });
    },
    end: () => end(new StoreError("failed", "Catalogue is closed")),
  };
}
