/**
 * Whether this run is the whole campaign (`deno task test:faults`) or its short form, a part of
 * `deno task test`.
 */
export const isFull: boolean = Deno.env.get("SHELFCAST_FAULTS") === "full";

/** How many rounds, states or records this run takes. */
export const rounds = (full: number, short: number): number => isFull ? full : short;

/** A small generator with a seed (mulberry32), so that every run sees the same faults. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
