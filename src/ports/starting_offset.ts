import type { StartFrom } from "./event_source.ts";

/**
 * Where a partition is read from, by the rule of `EventSource`: an offset is brought between the oldest record and the end. A
 * time is first made an offset by the adapter, which alone knows when it took what.
 */
export function startingOffset(
  from: Exclude<StartFrom, { readonly time: number }>,
  oldest: bigint,
  end: bigint,
): bigint {
  if (from === "earliest") return oldest;
  if (from === "latest" || from.offset > end) return end;
  return from.offset < oldest ? oldest : from.offset;
}
