/** The main thread's end of the Worker that changes read models. */
import { StoreError, type StoreErrorCode } from "../../../src/ports/store_error.ts";
import type { ModelTask, ModelTaskName, ModelTasks } from "../schema/read_models/model_tasks.ts";
import { workerCalls } from "./worker_calls.ts";

/** What the Worker is asked for. */
export type ModelRequest = { readonly call: number } & (ModelTask | WorkerTask);

type WorkerTask =
  /** Makes or checks the file; must come first. */
  | { readonly task: "open"; readonly input: { readonly file: string } }
  /** Closes the file; must come last. */
  | { readonly task: "close"; readonly input: null };

/** What it answers. */
export interface ModelReply {
  readonly call: number;
  readonly output?: unknown;
  readonly fault?: {
    readonly code: StoreErrorCode;
    readonly message: string;
    readonly cause: string | undefined;
  };
}

export interface ModelWriter {
  /** One after the other, in the order of the calls. @throws {StoreError} by rejection. */
  do<Name extends ModelTaskName>(
    task: Name,
    input: ModelTasks[Name]["input"],
  ): Promise<ModelTasks[Name]["output"]>;
  open(file: string): Promise<void>;
  /** Behind what waits; then ends the Worker. */
  close(): Promise<void>;
  /** Ends the Worker at once; calls that wait reject with `failed`. */
  end(): void;
}

export function startModelWriter(): ModelWriter {
  const worker = new Worker(new URL("./model_worker.ts", import.meta.url), { type: "module" });
  const calls = workerCalls(worker, (reason) => `Writer of the read models has ended: ${reason}`);

  worker.onmessage = ({ data: { call, output, fault } }: MessageEvent<ModelReply>) => {
    if (fault === undefined) return calls.resolve(call, output);
    const { code, message, cause } = fault;
    calls.reject(call, new StoreError(code, message, { cause }));
  };

  const ask = (task: ModelTask | WorkerTask): Promise<unknown> => calls.ask(task);
  const closed = (): StoreError => new StoreError("failed", "Read models are closed");
  return {
    // The output belongs to the task: the Worker's switch is checked against the same table.
    do: (task, input) => ask({ task, input } as ModelTask) as ReturnType<ModelWriter["do"]>,
    async open(file) {
      await ask({ task: "open", input: { file } });
    },
    async close() {
      try {
        await ask({ task: "close", input: null });
      } finally {
        calls.end(closed());
      }
    },
    end: () => calls.end(closed()),
  };
}
