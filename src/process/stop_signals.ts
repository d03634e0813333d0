import type { Clock } from "../ports/clock.ts";

export interface StopSignals extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM: finish what is under way and end. */
  readonly stop: AbortSignal;
  /** Aborted by a further one: end now. */
  readonly now: AbortSignal;
}

/**
 * One Ctrl-C reaches a program twice when it was started by `deno task`: only a signal this much
 * later is a second request.
 */
export const secondRequestAfterMs = 1000;

/** Listens for SIGINT and SIGTERM until disposed. */
export function listenForStopSignals(clock: Clock): StopSignals {
  const stop = new AbortController();
  const now = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    firstAt ??= clock.now();
    if (stop.signal.aborted && clock.now() - firstAt >= secondRequestAfterMs) now.abort();
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    stop: stop.signal,
    now: now.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    },
  };
}
