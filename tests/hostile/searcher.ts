/** An ordinary client: it searches, one after the other, and knows how long that took. */
import assert from "node:assert/strict";

export interface Searches {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Searcher extends AsyncDisposable {
  /** Waits for so many more, and tells of all since the last call. @throws where one has failed. */
  searches(more: number): Promise<Searches>;
}

/** Searches until it is disposed, by an address of this machine. */
export function searcher(url: string, localAddress: string): Searcher {
  const client = Deno.createHttpClient({ localAddress });
  let taken: number[] = [];
  let isEnding = false;
  let waiting: { count: number; resolve: () => void } | undefined;

  async function search(): Promise<void> {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/books?q=hunger`, { client });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    assert.match(response.headers.get("X-Event-Status") ?? "", /^(?:accepted|pending)$/);
    taken.push(performance.now() - startedAt);
    if (waiting !== undefined && taken.length >= waiting.count) waiting.resolve();
  }

  async function searchOn(): Promise<void> {
    // Ten a second and more are enough to know; more would be a load themselves.
    while (!isEnding) {
      await search();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const running = searchOn();
  // Told by whoever waits next.
  running.catch(() => {});

  return {
    async searches(more) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { count: taken.length + more, resolve };
      await Promise.race([promise, running]);
      waiting = undefined;
      const sorted = taken.toSorted((one, other) => one - other);
      taken = [];
      const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
      return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
    },
    async [Symbol.asyncDispose]() {
      isEnding = true;
      await running.catch(() => {});
      client.close();
    },
  };
}
