/**
 * Time as a parameter: tests drive it by hand, nothing sleeps.
 */
export interface Clock {
  /** Wall-clock time, milliseconds since the epoch; may jump. */
  now(): number;
  /**
   * Calls `task` once after `delayMs`, never where that is infinite; the returned function cancels.
   *
   * @param options `keepsAlive: false`: the process does not go on for this alone. Default: true.
   */
  after(
    delayMs: number,
    task: () => void,
    options?: { readonly keepsAlive?: boolean },
  ): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task, { keepsAlive = true } = {}) {
    // The platform's own timer takes it for no delay at all.
    if (delayMs === Infinity) return () => {};
    const timer = setTimeout(task, delayMs);
    if (!keepsAlive) Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` is aborted. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done);
  });
}

/**
 * What `work` comes to, or what `onLate` gives or throws where that has not happened after
 * `delayMs`, or when `signal` is aborted. It ends waiting only: `work` goes on, and nobody hears
 * what becomes of it.
 */
export function within<Result, Late>(
  clock: Clock,
  delayMs: number,
  work: Promise<Result>,
  onLate: () => Late,
  signal?: AbortSignal,
): Promise<Result | Late> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener("abort", late);
    };
    const late = (): void => {
      end();
      try {
        resolve(onLate());
      } catch (error) {
        reject(error);
      }
    };
    const cancel = clock.after(delayMs, late);
    signal?.addEventListener("abort", late);
    work.finally(end).then(resolve, reject);
    if (signal?.aborted) late();
  });
}

/** From where to where waiting between attempts grows. */
export interface BackoffBounds {
  /** After the first failure. */
  readonly firstMs: number;
  /** However often it has failed. */
  readonly mostMs: number;
}

/**
 * How long to wait after `failures` failures in succession, from 1 on: twice as long each time, and
 * then less a random part, up to half of it, so that those who wait for the same thing do not march
 * in step.
 *
 * @param random From 0 up to 1. Default: the whole time, as for one that waits alone.
 */
export function backoffMs(
  failures: number,
  { firstMs, mostMs }: BackoffBounds,
  random: () => number = () => 1,
): number {
  const most = Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.ceil(most / 2 * (1 + random()));
}
