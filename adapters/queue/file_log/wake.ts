import { type Disk, DiskError } from "./disk.ts";

/** Wakes readers that have read everything, when the durable slot changes, whoever wrote it. */
export interface Wake {
  /**
   * Resolves at the next change, or when `signal` is aborted.
   *
   * @param lookAgain Called once the watch is armed: true where there is something already, which no change will announce.
   */
  wait(signal: AbortSignal, lookAgain: () => Promise<boolean>): Promise<void>;
}

/** The watch is open only while somebody waits: a reader that is behind has no use for 6,000 events a second. */
export function createWake(disk: Disk, path: string): Wake {
  const waiters = new Set<() => void>();
  let unwatch: (() => void) | undefined;

  function wakeAll(): void {
    for (const wake of [...waiters]) wake();
  }

  function stopWhenIdle(): void {
    if (waiters.size > 0) return;
    unwatch?.();
    unwatch = undefined;
  }

  return {
    async wait(signal, lookAgain) {
      let wake = (): void => {};
      const woken = new Promise<void>((resolve) => wake = resolve);
      waiters.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      try {
        unwatch ??= watch(disk, path, wakeAll);
        if (signal.aborted || await lookAgain()) return;
        await woken;
      } finally {
        waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        stopWhenIdle();
      }
    },
  };
}

/** A file that is gone is a change, too. */
function watch(disk: Disk, path: string, onChange: () => void): () => void {
  try {
    return disk.watch(path, onChange);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    queueMicrotask(onChange);
    return () => {};
  }
}
