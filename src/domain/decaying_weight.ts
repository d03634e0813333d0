/**
 * Sums that halve in each half-life, without anybody rewriting them.
 *
 * What happened at a time adds 2^((time − epoch) / halfLife): the later, the more, so that sums of
 * different ages compare as they stand, and only whoever shows a score divides by what one would
 * add now. Such sums outgrow every number; so a weight is the binary logarithm of one. They are
 * computed here and not in a database, so that all databases hold the same.
 */

/** The fixed time that weights relate to: 2025-01-01, UTC. */
export const weightEpochMs = 1_735_689_600_000;

/** The weight of `share` of one thing that happened at a time. */
export function weightAt(timeMs: number, halfLifeMs: number, share = 1): number {
  return (timeMs - weightEpochMs) / halfLifeMs + Math.log2(share);
}

/** The weight of both together. */
export function addWeights(one: number, other: number): number {
  const [less, more] = one < other ? [one, other] : [other, one];
  return more + Math.log1p(2 ** (less - more)) / Math.LN2;
}

/** How many things that happen now it comes to: from 0 on. */
export function scoreAt(weight: number, nowMs: number, halfLifeMs: number): number {
  return 2 ** (weight - weightAt(nowMs, halfLifeMs));
}
