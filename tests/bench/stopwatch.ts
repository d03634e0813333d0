import process from "node:process";

/** What so many events took. */
export interface Spent {
  readonly events: number;
  readonly tookMs: number;
  /** Of all threads of this process. */
  readonly cpuUs: number;
}

/** Says what was spent since it was started. */
export type Stopwatch = (events: number) => Spent;

export function stopwatch(): Stopwatch {
  const began = performance.now();
  const before = process.cpuUsage();
  return (events) => {
    const { user, system } = process.cpuUsage(before);
    return { events, tookMs: performance.now() - began, cpuUs: user + system };
  };
}
