/** An ordinary client: it searches, one after the other, and knows how long that took. */
import assert from "node:assert/strict";

export interface Searches {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Searcher extends AsyncDisposable {
  /**
   * Waits for so many more, and until `isOver`: how long each has taken since the last call, in
   * milliseconds. @throws where one has failed.
   */
  searches(more: number, isOver?: () => boolean): Promise<readonly number[]>;
}

/** Of times in milliseconds. */
export function spread(times: readonly number[]): Searches {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Searches until it is disposed, by an address of this machine. */
export function searcher(url: string, localAddress: string): Searcher {
  const client = Deno.createHttpClient({ localAddress });
  let taken: number[] = [];
  let isEnding = false;
  let look = (): void => {};

  async function search(): Promise<void> {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/books?q=hunger`, { client });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    assert.match(response.headers.get("X-Event-Status") ?? "", /^(?:accepted|pending)$/);
    taken.push(performance.now() - startedAt);
    look();
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
    async searches(more, isOver = () => true) {
      const wanted = taken.length + more;
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if (taken.length >= wanted && isOver()) resolve();
      };
      await Promise.race([promise, running]);
      const times = taken;
      taken = [];
      return times;
    },
    async [Symbol.asyncDispose]() {
      isEnding = true;
      await running.catch(() => {});
      client.close();
    },
  };
}
