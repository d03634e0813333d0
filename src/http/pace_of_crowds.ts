/**
 * Whether crowds have to leave the event loop to others: they do for a second after somebody has
 * asked one thing beside them. Where nobody does, a crowd has all that the shop can do.
 */
import type { Clock } from "../ports/clock.ts";

export interface PaceOfCrowds {
  /** Another client than those that wait has asked one thing. */
  anotherAsked(): void;
  /** A connection of the crowd's own address has asked one thing, after a rest. */
  connectionAsked(): void;
  /** So many requests of crowds begin, in a turn. */
  begun(count: number): void;
  isPaced(): boolean;
}

const pacedMs = 1000;
/**
 * A crowd's own connections seem to rest where the process, or the crowd, stood still. So there
 * must be some in several spans, and few beside all others.
 */
const spanMs = 50;
const spansWanted = 3;
const ofSpanWithout = 1 / 4;
const oneOf = 8;

export function createPaceOfCrowds(clock: Clock): PaceOfCrowds {
  let pacedAt = -Infinity;
  let span = { at: -Infinity, rested: 0, begun: 0 };
  let spans = 0;

  const since = (at: number): number => Math.abs(clock.now() - at);

  return {
    anotherAsked() {
      pacedAt = clock.now();
    },
    connectionAsked() {
      span.rested += 1;
    },
    begun(count) {
      span.begun += count;
      if (since(span.at) < spanMs) return;
      if (span.rested === 0) spans = Math.max(0, spans - ofSpanWithout);
      else spans = span.rested * oneOf < span.begun ? spans + 1 : 0;
      spans = Math.min(spans, spansWanted);
      if (spans === spansWanted) pacedAt = clock.now();
      span = { at: clock.now(), rested: 0, begun: 0 };
    },
    isPaced: () => since(pacedAt) < pacedMs,
  };
}
