import { StoreError } from "../../../src/ports/store_error.ts";

/** Calls to a Worker: each bears a number, and waits for the reply that bears it. */
export interface WorkerCalls {
  /** Posts `{ call, ...request }`. @throws {StoreError} by rejection. */
  ask(request: object): Promise<unknown>;
  resolve(call: number, output: unknown): void;
  reject(call: number, error: StoreError): void;
  /** Ends the Worker at once; calls that wait, and later ones, reject with this. */
  end(error: StoreError): void;
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

/** @param failure What is said where the Worker fails. */
export function workerCalls(worker: Worker, failure: (reason: string) => string): WorkerCalls {
  const waiting = new Map<number, Waiting>();
  let ended: StoreError | undefined;
  let lastCall = 0;

  function end(error: StoreError): void {
    ended ??= error;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }

  function taken(call: number): Waiting | undefined {
    const asked = waiting.get(call);
    waiting.delete(call);
    return asked;
  }

  worker.onerror = (event) => {
    // Otherwise it would end the process: searches can go on without the Worker.
    event.preventDefault();
    end(new StoreError("failed", failure(event.message), { cause: event.error }));
  };

  return {
    ask(request) {
      const call = ++lastCall;
      return new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        waiting.set(call, { resolve, reject });
        worker.postMessage({ call, ...request });
      });
    },
    resolve: (call, output) => taken(call)?.resolve(output),
    reject: (call, error) => taken(call)?.reject(error),
    end,
  };
}
