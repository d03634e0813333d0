/** Waiting for a log to grow, whoever writes it. */
import type { Clock } from "../../../../src/ports/clock.ts";
import { createNotifier } from "../../../../src/ports/notifier.ts";
import type { Disk } from "../disk/disk.ts";
import { DiskError } from "../disk/disk_error.ts";

/**
 * How often a waiting reader looks by itself. A watch tells at once, but cannot be relied upon
 * alone: the kernel's queue can overflow, and Deno's watch of a file that was removed and made anew
 * at its path says nothing, for as long as the process lives (seen, Deno 2.9.6). A look costs some
 * 0.2 ms of a core.
 */
const lookMs = 1000;
/**
 * The same for a watch that has missed something, until it tells something: at first, and each time
 * twice as long.
 */
const deafLookMs = 40;

/** Wakes readers that have read everything, when the durable slot changes, whoever wrote it. */
export interface Wake {
  /**
   * Resolves at the next change, or when `signal` is aborted.
   *
   * @param lookAgain Called once the watch is armed, and now and then: true where there is
   *   something already.
   */
  wait(signal: AbortSignal, lookAgain: () => Promise<boolean>): Promise<void>;
}

/**
 * The watch is open only while somebody waits: a reader that is behind has no use for 6,000 events
 * a second.
 */
export function createWake(disk: Disk, path: string, clock: Clock): Wake {
  const changes = createNotifier();
  /** How often the watch has told something. */
  let told = 0;
  let waiting = 0;
  let unwatch: (() => void) | undefined;
  let isDeaf = false;

  function changed(): void {
    told++;
    isDeaf = false;
    changes.notify();
  }

  function stopWhenIdle(): void {
    if (waiting > 0) return;
    unwatch?.();
    unwatch = undefined;
  }

  return {
    async wait(signal, lookAgain) {
      const before = told;
      const isWoken = (): boolean => told !== before || signal.aborted;
      waiting++;
      try {
        unwatch ??= watch(disk, path, changed);
        if (signal.aborted || await lookAgain()) return;
        let everyMs = isDeaf ? deafLookMs : lookMs;
        while (!isWoken()) {
          // Others that wait look again, too, which costs them little.
          const cancel = clock.after(everyMs, changes.notify);
          await changes.wait(signal);
          cancel();
          everyMs = Math.min(everyMs * 2, lookMs);
          if (isWoken() || !await lookAgain()) continue;
          isDeaf ||= !isWoken();
          return;
        }
      } finally {
        waiting--;
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
