/**
 * A condition variable: wakes whoever waits for something to change; what has changed they look up
 * themselves. It remembers nothing: who looks and finds nothing must begin to wait in the same turn
 * of the event loop.
 */
export interface Notifier {
  /** Wakes all that wait now. Needs no `this`, so that it may be handed on as a callback. */
  notify(): void;
  /** Resolves at the next `notify`, or when `signal` is aborted. */
  wait(signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when `condition` holds, looked at now and at each `notify`, or when `signal` is
   * aborted.
   */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>;
}

/** A notifier that nobody waits for yet. */
export function createNotifier(): Notifier {
  // A promise for each that waits: on a shared one, those that give up again and again would gather
  // reactions.
  const waiters = new Set<() => void>();

  function wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = (): void => {
        waiters.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      waiters.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }

  return {
    notify() {
      for (const wake of [...waiters]) wake();
    },
    wait,
    async until(condition, signal) {
      while (!signal?.aborted && !condition()) await wait(signal);
    },
  };
}
