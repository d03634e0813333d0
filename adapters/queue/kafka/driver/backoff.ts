const firstMs = 50;
const mostMs = 2000;

/** How long to wait before attempt `failures` + 1: 50 ms, doubled up to 2 s, with full jitter so that clients do not march in step. */
export function backoffMs(failures: number, random: () => number): number {
  return Math.ceil(random() * Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1)));
}
