import { getLogger } from "../ports/logger.ts";
import { type Clock, within } from "../ports/clock.ts";

/**
 * One step of ending the program. Steps run one after the other; one that fails or hangs does not
 * keep the next from running.
 */
export interface DrainStep {
  /** For the log: what is being done. */
  readonly name: string;
  run(): PromiseLike<void>;
}

export interface DrainOptions {
  /**
   * For all steps together, in milliseconds. What is not done then is left: accepted events stay in
   * their queue.
   */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Aborted when an operator asks a second time: ends waiting at once. */
  readonly now?: AbortSignal;
}

const logger = getLogger(["shelfcast", "process"]);

/** What is kept of the deadline for each step behind one that hangs: closing a file takes less. */
const reservePerStepMs = 500;

/**
 * A step that hangs is left when the deadline is near, so that each of those behind it has half a
 * second at least.
 *
 * @returns Whether every step ended well and in time.
 */
export async function drain(steps: readonly DrainStep[], options: DrainOptions): Promise<boolean> {
  const { deadlineMs, clock, now = new AbortController().signal } = options;
  const startedAt = clock.now();
  let clean = true;
  for (const [index, { name, run }] of steps.entries()) {
    const leftMs = deadlineMs - (clock.now() - startedAt);
    const reservedMs = (steps.length - 1 - index) *
      Math.min(reservePerStepMs, deadlineMs / steps.length);
    const outcome = await within(
      clock,
      Math.max(0, leftMs - reservedMs),
      attempt(run),
      () => "late" as const,
      now,
    );
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
