/** An ordinary client: it searches, one after the other, and knows how long that took. */
import type { Searched, SearcherTask } from "./searcher_worker.ts";

export interface Searches {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Searcher extends Disposable {
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
  const worker = new Worker(new URL("./searcher_worker.ts", import.meta.url), { type: "module" });
  const failed = Promise.withResolvers<never>();
  // Told by whoever waits next.
  failed.promise.catch(() => {});
  let taken: number[] = [];
  let look = (): void => {};

  worker.onmessage = ({ data }: MessageEvent<Searched>) => {
    if (typeof data === "string") failed.reject(new Error(`A search was answered with ${data}`));
    else taken.push(data);
    look();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    failed.reject(new Error(event.message));
  };
  worker.postMessage({ url, localAddress } satisfies SearcherTask);

  return {
    async searches(more, isOver = () => true) {
      const wanted = taken.length + more;
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if (taken.length >= wanted && isOver()) resolve();
      };
      await Promise.race([promise, failed.promise]);
      const times = taken;
      taken = [];
      return times;
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}
