/**
 * A steady rate of records on one way to the disk, and how late a timer on the same thread is
 * meanwhile.
 */
import type { DurableWay } from "./durable_ways.ts";

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

export interface PacedAppends {
  readonly acknowledgedMs: Spread;
  /** Of a timer that is due every ms. */
  readonly lateMs: Spread;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

const value = new Uint8Array(288).fill(120);

export async function benchPaced(
  way: DurableWay,
  ratePerSecond: number,
  forMs: number,
): Promise<PacedAppends> {
  await using open = way;
  await appendPaced(open, ratePerSecond, forMs / 4); // What is compiled on the way is not measured.
  return await appendPaced(open, ratePerSecond, forMs);
}

async function appendPaced(
  way: DurableWay,
  ratePerSecond: number,
  forMs: number,
): Promise<PacedAppends> {
  const acknowledgedMs: number[] = [];
  const lateMs: number[] = [];
  const underWay: Promise<void>[] = [];
  const append = async (dueAt: number): Promise<void> => {
    await way.append(value);
    acknowledgedMs.push(performance.now() - dueAt);
  };
  const began = performance.now();
  let last = began;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      lateMs.push(Math.max(0, now - last - 1));
      last = now;
      // Measured from when each was due: one that could not even be asked for has waited, too.
      const due = Math.min(now - began, forMs) / 1000 * ratePerSecond;
      while (underWay.length < due) {
        underWay.push(append(began + underWay.length / ratePerSecond * 1000));
      }
      if (now - began < forMs) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await Promise.all(underWay);
  return { acknowledgedMs: spreadOf(acknowledgedMs), lateMs: spreadOf(lateMs) };
}
