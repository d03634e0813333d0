/** The main thread's end of the Worker that changes read models. */
import { StoreError, type StoreErrorCode } from "../../../src/ports/store_error.ts";
import type { ModelTask, ModelTaskName, ModelTasks } from "../schema/read_models/model_tasks.ts";

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

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

export function startModelWriter(): ModelWriter {
  const worker = new Worker(new URL("./model_worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  let ended: StoreError | undefined;
  let lastCall = 0;

  function end(error: StoreError): void {
    ended ??= error;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }

  worker.onmessage = ({ data: { call, output, fault } }: MessageEvent<ModelReply>) => {
    const asked = waiting.get(call);
    waiting.delete(call);
    if (fault === undefined) return asked?.resolve(output);
    const { code, message, cause } = fault;
    asked?.reject(new StoreError(code, message, { cause }));
  };
  worker.onerror = (event) => {
    // Otherwise it would end the process: searches go on without consumers.
    event.preventDefault();
    const message = `Writer of the read models has ended: ${event.message}`;
    end(new StoreError("failed", message, { cause: event.error }));
  };

  function ask(task: ModelTask | WorkerTask): Promise<unknown> {
    const call = ++lastCall;
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      waiting.set(call, { resolve, reject });
      worker.postMessage({ call, ...task } satisfies ModelRequest);
    });
  }

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
        end(closed());
      }
    },
    end: () => end(closed()),
  };
}
