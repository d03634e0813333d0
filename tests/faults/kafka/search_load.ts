/** Searches at an even rate, with 16 keys. Of one key the next is asked only when the last was answered, so that they have an order. */

/** A search that was answered. */
export interface AnsweredSearch {
  readonly id: string;
  readonly key: string;
  /** As the answer says it: `accepted`, `pending`, `refused; reason=…`. */
  readonly status: string;
  readonly phase: string;
  /** From when it was due. */
  readonly ms: number;
}

export interface SearchLoad extends AsyncDisposable {
  /** In the order of each key. */
  readonly answered: readonly AnsweredSearch[];
  /** What happened to those that were not answered with 200 and an event. */
  readonly failures: readonly string[];
  /** The phase that what is asked from now on belongs to. */
  enter(phase: string): void;
  /** Resolves after so many further answers, failures included. */
  answers(count: number): Promise<void>;
  /** Resolves when all that was asked is answered. */
  stop(): Promise<void>;
}

const keys = 16;

export function startSearchLoad(url: string, ratePerSecond: number): SearchLoad {
  const answered: AnsweredSearch[] = [];
  const failures: string[] = [];
  const waiters = new Set<{ at: number; resolve: () => void }>();
  const stopping = new AbortController();
  const began = performance.now();
  let phase = "start";

  async function search(key: string, dueAt: number): Promise<void> {
    const asked = phase;
    try {
      const response = await fetch(`${url}/api/books?q=${key}`);
      const body = await response.text();
      const id = response.headers.get("x-event-id");
      const status = response.headers.get("x-event-status");
      if (response.status !== 200 || id === null || status === null) {
        failures.push(`${response.status} ${body.slice(0, 200)}`);
      } else {
        answered.push({ id, key, status, phase: asked, ms: performance.now() - dueAt });
      }
    } catch (error) {
      failures.push(String(error));
    }
    for (const waiter of waiters) {
      if (answered.length + failures.length < waiter.at) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  async function worker(number: number): Promise<void> {
    for (let turn = 0;; turn++) {
      const dueAt = began + (turn * keys + number) * 1000 / ratePerSecond;
      const waitMs = dueAt - performance.now();
      // A timer that comes late is this process's fault; an answer that kept the next search waiting is not.
      if (waitMs > 0) await pause(waitMs, stopping.signal);
      if (stopping.signal.aborted) return;
      await search(`k${number}`, waitMs > 0 ? performance.now() : dueAt);
    }
  }

  const working = Promise.all(Array.from({ length: keys }, (_, number) => worker(number)));
  const stop = async (): Promise<void> => {
    stopping.abort();
    await working;
  };
  return {
    answered,
    failures,
    enter: (next) => void (phase = next),
    answers: (count) =>
      new Promise((resolve) =>
        waiters.add({ at: answered.length + failures.length + count, resolve })
      ),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
