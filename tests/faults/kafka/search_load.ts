/**
 * Searches at an even rate, with 16 keys. Of one key the next is asked only when the last was
 * answered, so that they have an order.
 */

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
  /** Asks nothing more until `go`; resolves when all that was asked is answered. */
  rest(): Promise<void>;
  go(): void;
  /** For good. Resolves when all that was asked is answered. */
  stop(): Promise<void>;
}

/** Words that books bear, so that events carry some. */
const keys = [
  ...["the", "of", "and", "love", "man", "girl", "night", "house"],
  ...["king", "world", "dark", "blood", "time", "life", "lost", "red"],
];

export function startSearchLoad(url: string, ratePerSecond: number): SearchLoad {
  const answered: AnsweredSearch[] = [];
  const failures: string[] = [];
  const waiters = new Set<{ isOver: () => boolean; resolve: () => void }>();
  const stopping = new AbortController();
  const began = performance.now();
  let phase = "start";
  let underWay = 0;
  let resting: PromiseWithResolvers<void> | undefined;

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
  }

  function tell(): void {
    for (const waiter of waiters) {
      if (!waiter.isOver()) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  function until(isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      waiters.add({ isOver, resolve });
      tell();
    });
  }

  async function worker(key: string, number: number): Promise<void> {
    for (let turn = 0;; turn++) {
      const dueAt = began + (turn * keys.length + number) * 1000 / ratePerSecond;
      const waitMs = dueAt - performance.now();
      // A timer that comes late is this process's fault; an answer that kept the next search
      // waiting is not.
      if (waitMs > 0) await pause(waitMs, stopping.signal);
      const rested = resting?.promise;
      await rested;
      if (stopping.signal.aborted) return;
      underWay++;
      await search(key, waitMs > 0 || rested ? performance.now() : dueAt);
      underWay--;
      tell();
    }
  }

  const working = Promise.all(keys.map(worker));
  const go = (): void => {
    resting?.resolve();
    resting = undefined;
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    go();
    await working;
  };
  return {
    answered,
    failures,
    enter: (next) => void (phase = next),
    answers(count) {
      const enough = answered.length + failures.length + count;
      return until(() => answered.length + failures.length >= enough);
    },
    rest() {
      resting ??= Promise.withResolvers();
      return until(() => underWay === 0);
    },
    go,
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
