/**
 * Judges the events that stand in the topic against what was answered. Records without an event id
 * are somebody else's.
 */
import type { AnsweredSearch } from "./search_load.ts";
import type { StoredEvent } from "./topic_contents.ts";

export interface Verdict {
  readonly searches: number;
  readonly accepted: number;
  readonly pending: number;
  readonly refused: number;
  /** Accepted, and not in the topic. */
  readonly missing: number;
  /** In the topic, and never asked for. */
  readonly invented: number;
  /** Refused for certain, and in the topic. */
  readonly refusedButThere: number;
  /** First occurrences that stand before an earlier one of their key. */
  readonly outOfOrder: number;
  /** Occurrences after the first. */
  readonly duplicates: number;
}

/** Codes with which a record may stand all the same. */
const uncertain = /reason=(outcome_unknown|timeout|aborted)/;

export function judge(
  answered: readonly AnsweredSearch[],
  stored: readonly StoredEvent[],
): Verdict {
  const turnOf = new Map(answered.map(({ id }, turn) => [id, turn]));
  const first = new Map<string, StoredEvent>();
  const events = stored.filter(({ id }) => id !== "");
  for (const event of events) if (!first.has(event.id)) first.set(event.id, event);
  const of = (status: string) => answered.filter((search) => search.status.startsWith(status));
  const [accepted, pending, refused] = [of("accepted"), of("pending"), of("refused")];

  const newest = new Map<string, number>();
  let outOfOrder = 0;
  for (const { id, key } of first.values()) {
    const turn = turnOf.get(id);
    if (turn === undefined) continue;
    const before = newest.get(key) ?? -1;
    if (turn < before) outOfOrder++;
    newest.set(key, Math.max(turn, before));
  }
  return {
    searches: answered.length,
    accepted: accepted.length,
    pending: pending.length,
    refused: refused.length,
    missing: accepted.filter(({ id }) => !first.has(id)).length,
    invented: [...first.keys()].filter((id) => !turnOf.has(id)).length,
    refusedButThere:
      refused.filter(({ id, status }) => !uncertain.test(status) && first.has(id)).length,
    outOfOrder,
    duplicates: events.length - first.size,
  };
}

/** The p-th percentile of latencies, in milliseconds. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p / 100))] ?? Number.NaN;
}
