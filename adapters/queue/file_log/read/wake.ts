import type { Clock } from "../../../../src/ports/clock.ts";
import { type Disk, DiskError } from "../disk/disk.ts";

/**
 * How often a waiting reader looks by itself. A watch tells at once, but cannot be relied upon alone: the kernel's queue can
 * overflow, and Deno's watch of a file that was removed and made anew at its path says nothing, for as long as the process lives
 * (seen, Deno 2.9.6). A look costs some 0.2 ms of a core.
 */
const lookMs = 1000;
/** The same for a watch that has missed something, until it tells something: at first, and each time twice as long. */
const deafLookMs = 40;

/** Wakes readers that have read everything, when the durable slot changes, whoever wrote it. */
export interface Wake {
  /**
   * Resolves at the next change, or when `signal` is aborted.
   *
   * @param lookAgain Called once the watch is armed, and now and then: true where there is something already.
   */
  wait(signal: AbortSignal, lookAgain: () => Promise<boolean>): Promise<void>;
}

/** The watch is open only while somebody waits: a reader that is behind has no use for 6,000 events a second. */
export function createWake(disk: Disk, path: string, clock: Clock): Wake {
  const waiters = new Set<() => void>();
  let unwatch: (() => void) | undefined;
  let isDeaf = false;

  function wakeAll(): void {
    isDeaf = false;
    for (const wake of [...waiters]) wake();
  }

  function stopWhenIdle(): void {
    if (waiters.size > 0) return;
    unwatch?.();
    unwatch = undefined;
  }

  return {
    async wait(signal, lookAgain) {
      let isWoken = false;
      let stir = (): void => {};
      const wake = (): void => {
        isWoken = true;
        stir();
      };
      waiters.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      try {
        unwatch ??= watch(disk, path, wakeAll);
        if (signal.aborted || await lookAgain()) return;
        let everyMs = isDeaf ? deafLookMs : lookMs;
        while (!isWoken) {
          // A promise for each turn: those that wait for days must not gather reactions on one.
          const stirred = new Promise<void>((resolve) => stir = resolve);
          const cancel = clock.after(everyMs, stir);
          await stirred;
          cancel();
          everyMs = Math.min(everyMs * 2, lookMs);
          if (isWoken || !await lookAgain()) continue;
          isDeaf ||= !isWoken;
          return;
        }
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
