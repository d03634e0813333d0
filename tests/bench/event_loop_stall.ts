import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { appendFor } from "./append_load.ts";
import { observeDisk } from "./observed_disk.ts";

/** The longest time, in ms, for which a timer of 1 ms came late while `work` went on. */
export async function longestStallMs(work: () => Promise<void>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  try {
    await work();
    return longest;
  } finally {
    clearInterval(timer);
  }
}

export interface Stalls {
  readonly idleMs: number;
  readonly underLoadMs: number;
  /** While a write to the segment hangs and records come in. */
  readonly hangingMs: number;
}

export async function benchStalls(directory: string, forMs: number): Promise<Stalls> {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));
  const observed = observeDisk();
  await using log = await openFileLog({ directory, disk: observed.disk });
  await appendFor(log, 64, forMs);
  const idleMs = await longestStallMs(pause);
  const underLoadMs = await longestStallMs(async () => {
    await appendFor(log, 64, forMs);
  });
  const hangingMs = await longestStallMs(async () => {
    observed.gate = pause();
    await appendFor(log, 64, forMs / 2);
    observed.gate = undefined;
  });
  return { idleMs, underLoadMs, hangingMs };
}
