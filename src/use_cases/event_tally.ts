/** Counting millions of events by id in little memory. */
import type { EventKey } from "./event_key.ts";

/** Events and how often each was found, in 28 to 84 bytes an event, whatever they hold. */
export interface EventTally {
  /** Events that were added. */
  readonly size: number;
  /** @returns False where it was added before. */
  add(key: EventKey): boolean;
  /** Counts one occurrence. @returns False where the event was never added. */
  find(key: EventKey): boolean;
  /** @returns False where the event was never added. */
  markDeadLettered(key: EventKey): boolean;
  /**
   * @returns Whether the event was neither found nor marked; false the second time it is asked for.
   */
  takeMissing(key: EventKey): boolean;
  summary(): TallySummary;
}

export interface TallySummary {
  /** Found at least once. */
  readonly found: number;
  /** Occurrences beyond the first. */
  readonly repeats: number;
  /** Marked, and not found. */
  readonly deadLettered: number;
  readonly missing: number;
}

const words = 4;
const deadLetteredBit = 2 ** 31;
const takenBit = 2 ** 30;
const countMask = 2 ** 30 - 1;
const maxLoad = 0.75;

/**
 * @param expected How many events are to come, about: what is enough for them is allotted at once.
 */
export function createEventTally(expected: number): EventTally {
  let capacity = 1024;
  while (capacity * maxLoad < expected) capacity *= 2;
  /** Open addressing: a slot is a key and its state. */
  let keys = new Uint32Array(capacity * words);
  let states = new Uint32Array(capacity);
  let isUsed = new Uint8Array(capacity);
  let size = 0;

  function slotOf(key: EventKey): number {
    const mask = capacity - 1;
    let slot = mixed(key) & mask;
    while (isUsed[slot] === 1 && !equals(slot, key)) slot = (slot + 1) & mask;
    return slot;
  }

  function equals(slot: number, key: EventKey): boolean {
    const at = slot * words;
    return keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] &&
      keys[at + 3] === key[3];
  }

  function put(key: EventKey, state: number): boolean {
    const slot = slotOf(key);
    if (isUsed[slot] === 1) return false;
    isUsed[slot] = 1;
    keys.set(key, slot * words);
    states[slot] = state;
    return true;
  }

  function grow(): void {
    const [oldKeys, oldStates, wasUsed] = [keys, states, isUsed];
    capacity *= 2;
    keys = new Uint32Array(capacity * words);
    states = new Uint32Array(capacity);
    isUsed = new Uint8Array(capacity);
    for (const [slot, used] of wasUsed.entries()) {
      if (used === 1) put(oldKeys.subarray(slot * words, (slot + 1) * words), oldStates[slot]!);
    }
  }

  /** @returns False where the event was never added. */
  function change(key: EventKey, to: (state: number) => number): boolean {
    const slot = slotOf(key);
    if (isUsed[slot] === 0) return false;
    states[slot] = to(states[slot]!);
    return true;
  }

  return {
    get size() {
      return size;
    },
    add(key) {
      if (size >= capacity * maxLoad) grow();
      const isNew = put(key, 0);
      if (isNew) size += 1;
      return isNew;
    },
    find: (key) => change(key, (state) => (state & countMask) < countMask ? state + 1 : state),
    markDeadLettered: (key) => change(key, (state) => (state | deadLetteredBit) >>> 0),
    takeMissing(key) {
      let isMissing = false;
      change(key, (state) => {
        isMissing = state === 0;
        return isMissing ? takenBit : state;
      });
      return isMissing;
    },
    summary() {
      let [found, repeats, deadLettered] = [0, 0, 0];
      for (const state of states) {
        const count = state & countMask;
        if (count > 0) {
          found += 1;
          repeats += count - 1;
        } else if (state >= deadLetteredBit) deadLettered += 1;
      }
      return { found, repeats, deadLettered, missing: size - found - deadLettered };
    },
  };
}

/** All words count: of an event's id the last are random, of others perhaps only the first. */
function mixed(key: EventKey): number {
  let hash = 0;
  for (const word of key) hash = Math.imul(hash ^ word ^ (word >>> 16), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
