/** What was made and may be wanted again, as much of it as there is room for. */
export interface KeptNewest<Key, Value> {
  find(key: Key): Value | undefined;
  keep(key: Key, value: Value): void;
  clear(): void;
}

/**
 * @param maxBytes Of all together. One half has the newest; when that is full, it becomes the older
 *   half, and what nobody has asked for meanwhile is forgotten: a fraction of what exact order
 *   costs, as a search asks for dozens.
 */
export function keepNewest<Key, Value>(
  maxBytes: number,
  bytesOf: (value: Value, key: Key) => number,
): KeptNewest<Key, Value> {
  let newer = new Map<Key, Value>();
  let older = new Map<Key, Value>();
  let bytes = 0;

  function keep(key: Key, value: Value): void {
    const cost = bytesOf(value, key);
    if (cost > maxBytes / 2) return;
    if (bytes + cost > maxBytes / 2) {
      older = newer;
      newer = new Map();
      bytes = 0;
    }
    newer.set(key, value);
    bytes += cost;
  }

  return {
    find(key) {
      const found = newer.get(key);
      if (found !== undefined) return found;
      const aged = older.get(key);
      if (aged !== undefined) keep(key, aged);
      return aged;
    },
    keep,
    clear() {
      newer = new Map();
      older = new Map();
      bytes = 0;
    },
  };
}
