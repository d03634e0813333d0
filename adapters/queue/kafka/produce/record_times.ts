/**
 * Times for records whose own the broker does not take, as they are older than the topic's
 * `message.timestamp.before.max.ms` or newer than `…after.max.ms`: the time of now, and the own one
 * in a header. Whose clock is wrong is not known; where the broker refuses that as well, others are
 * tried on both sides of it, without end. A wrong time is never the record's fault.
 */
import type { TopicRules } from "../cluster/topic_rules.ts";
import type { HeldRecord } from "./held_record.ts";

export interface RecordTimes {
  /**
   * Gives the time of now to the records that by the topic's rules are too old or too new.
   *
   * @returns Whether there were any that had not been given another time before.
   */
  moveOutside(batch: readonly HeldRecord[], rules: TopicRules, now: number): boolean;
  /**
   * Gives a record the next time that may do.
   *
   * @returns False where all have been tried once more.
   */
  move(held: HeldRecord, now: number): boolean;
  /** The broker has taken the batch: later records are first given a time like theirs. */
  taken(batch: readonly HeldRecord[], now: number): void;
}

const header = "original-timestamp";
const encoder = new TextEncoder();
const secondMs = 1000;
/** 1 s, 4 s, 16 s and so on to 48 days. */
const stepsMs = Array.from({ length: 12 }, (_, n) => secondMs * 4 ** n);
/** Backwards first: a clock that is ahead is refused by every broker's default. */
const shiftsMs: readonly number[] = [0, ...stepsMs.flatMap((step) => [-step, step])];

export function createRecordTimes(random: () => number): RecordTimes {
  /** What the broker took last, against the time of now here. */
  let takenShiftMs = 0;

  function set(held: HeldRecord, time: number): void {
    if (held.moves++ === 0 && !held.headers.some(([name]) => name === header)) {
      held.headers = [...held.headers, [header, encoder.encode(`${held.timestamp}`)]];
    }
    held.timestamp = Math.max(0, Math.floor(time));
  }

  return {
    moveOutside(batch, { oldestMs = Infinity, newestMs = Infinity }, now) {
      const outside = batch.filter(({ moves, timestamp }) =>
        moves === 0 && (now - timestamp > oldestMs || timestamp - now > newestMs)
      );
      for (const held of outside) set(held, now + takenShiftMs);
      return outside.length > 0;
    },
    move(held, now) {
      if (held.moves === 0) {
        set(held, now + takenShiftMs);
        return true;
      }
      const turn = held.moves - 1;
      const place = turn % shiftsMs.length;
      // Between the places that were tried in the first round.
      const stretch = turn < shiftsMs.length ? 1 : 1 + 3 * random();
      set(held, now + shiftsMs[place]! * stretch);
      return place < shiftsMs.length - 1;
    },
    taken(batch, now) {
      const moved = batch.find(({ moves }) => moves > 0);
      if (moved !== undefined) takenShiftMs = moved.timestamp - now;
    },
  };
}
