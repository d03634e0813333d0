/** The lock of a topic, among processes. */
import { type Clock, pause } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { DiskFile } from "./disk.ts";

/** Timers are no finer. */
const pollMs = 1;
/**
 * A lock is kept for the next batch, where nobody waits for it, so long at least and twice as long
 * at most.
 */
const keepMs = 1;

/**
 * The right to append, among all processes and logs that have the topic open. Whoever wants it
 * takes the turn first, and gives it back with the lock in hand: with the lock alone, one that
 * appends without pause starves the others (seen: worst wait 1.8 s, with a turn 1.5 ms).
 *
 * A lock that nobody else wants is kept for the next batch, because taking it anew means looking at
 * what others wrote.
 */
export interface WriteLock extends Disposable {
  /**
   * `kept`: nobody else had it since the last time. `taken`: others may have had it.
   *
   * @throws {QueueError} `unavailable` by rejection, when `budgetMs` have passed.
   */
  take(budgetMs: number): Promise<"kept" | "taken">;
  /** Gives it back soon, or at once where others wait. */
  done(): void;
  /** Gives it back now, as does disposing of it. */
  release(): void;
}

export function createWriteLock(lock: DiskFile, turn: DiskFile, clock: Clock): WriteLock {
  let held = false;
  let inUse = false;
  /** Since the timer was set. */
  let wasUsed = false;
  let cancelRelease: (() => void) | undefined;

  function release(): void {
    cancelRelease?.();
    cancelRelease = undefined;
    inUse = false;
    if (held) lock.unlock();
    held = false;
  }

  /** One timer for many batches, which come faster than it runs out. */
  function releaseLater(): void {
    wasUsed = false;
    cancelRelease = clock.after(keepMs, () => {
      cancelRelease = undefined;
      if (inUse) return;
      if (wasUsed) releaseLater();
      else release();
    });
  }

  function isWanted(): boolean {
    if (!turn.tryLock()) return true;
    turn.unlock();
    return false;
  }

  return {
    async take(budgetMs) {
      if (held && !isWanted()) {
        inUse = true;
        return "kept";
      }
      release();
      const budget = { leftMs: budgetMs };
      await poll(turn, clock, budget);
      try {
        await poll(lock, clock, budget);
        held = true;
        inUse = true;
        return "taken";
      } finally {
        turn.unlock();
      }
    },
    done() {
      inUse = false;
      wasUsed = true;
      if (isWanted()) release();
      else if (cancelRelease === undefined) releaseLater();
    },
    release,
    [Symbol.dispose]: release,
  };
}

/** Polled, because a lock that is waited for in the kernel cannot be given up. */
async function poll(file: DiskFile, clock: Clock, budget: { leftMs: number }): Promise<void> {
  while (!file.tryLock()) {
    if (budget.leftMs <= 0) {
      throw new QueueError("unavailable", "Another process holds the topic's lock for too long");
    }
    budget.leftMs -= pollMs;
    await pause(clock, pollMs);
  }
}
