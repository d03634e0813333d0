import { getLogger } from "@logtape/logtape";
import type { Clock } from "../ports/clock.ts";

/** One step of ending the program. Steps run one after the other; one that fails or hangs does not keep the next from running. */
export interface DrainStep {
  /** For the log: what is being done. */
  readonly name: string;
  run(): PromiseLike<void>;
}

export interface DrainOptions {
  /** For all steps together, in milliseconds. What is not done then is left: accepted events stay in their queue. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Aborted when an operator asks a second time: ends waiting at once. */
  readonly now?: AbortSignal;
}

const logger = getLogger(["shelfcast", "process"]);

/** @returns Whether every step ended well and in time. */
export async function drain(steps: readonly DrainStep[], options: DrainOptions): Promise<boolean> {
  const { deadlineMs, clock, now } = options;
  let clean = true;
  let late = (): void => {};
  const expired = new Promise<"late">((resolve) => late = () => resolve("late"));
  const cancel = clock.after(deadlineMs, late);
  now?.addEventListener("abort", late, { once: true });
  if (now?.aborted) late();
  try {
    for (const { name, run } of steps) {
      const outcome = await Promise.race([attempt(run), expired]);
      if (outcome === "done") continue;
      clean = false;
      if (outcome === "late") {
        logger.error("Shutdown step {step} did not end in time", { step: name });
      } else {
        const { error } = outcome;
        const reason = error instanceof Error ? error.message : `${error}`;
        logger.error("Shutdown step {step} failed: {reason}", { step: name, reason, error });
      }
    }
  } finally {
    cancel();
    now?.removeEventListener("abort", late);
  }
  return clean;
}

async function attempt(run: () => PromiseLike<void>): Promise<"done" | { error: unknown }> {
  try {
    await run();
    return "done";
  } catch (error) {
    return { error };
  }
}
