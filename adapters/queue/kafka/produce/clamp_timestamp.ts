import type { HeldRecord } from "./held_record.ts";

const encoder = new TextEncoder();
const hourMs = 3_600_000;
const maxClamps = 6;

/**
 * Moves a timestamp that the broker has refused; the original goes into a header. Brokers refuse what is over an hour ahead of them;
 * whose clock is wrong is not known, so it goes back step by step, each twice as long as the one before.
 *
 * @returns Whether there was a step left.
 */
export function clampTimestamp(held: HeldRecord, now: number): boolean {
  if (held.clamps === maxClamps) return false;
  const { headers, timestamp } = held;
  const back = held.clamps === 0 ? 0 : hourMs * 2 ** (held.clamps - 1);
  held.timestamp = Math.max(0, Math.min(timestamp, Math.floor(now)) - back);
  if (held.clamps === 0) {
    held.headers = [...headers, ["original-timestamp", encoder.encode(`${timestamp}`)]];
  }
  held.clamps++;
  return true;
}
