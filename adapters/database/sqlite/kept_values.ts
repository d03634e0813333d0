/** What was read of one version of the shelf, for the searches that come next. */
export interface KeptValues<Key, Value> {
  /**
   * From now on this version is asked for; where it is another, or `undefined`, which is none,
   * everything is forgotten.
   */
  see(version: unknown): void;
  find(key: Key): Value | undefined;
  keep(key: Key, value: Value): void;
}

/**
 * @param maxBytes Of all together. One half has the newest; when that is full, it becomes the older
 *   half, and what nobody has asked for meanwhile is forgotten: a fraction of what exact order
 *   costs, as a search asks for dozens.
 */
export function keepValues<Key, Value>(
  maxBytes: number,
  bytesOf: (value: Value) => number,
): KeptValues<Key, Value> {
  let newer = new Map<Key, Value>();
  let older = new Map<Key, Value>();
  let bytes = 0;
  let current: unknown;

  function keep(key: Key, value: Value): void {
    const cost = bytesOf(value);
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
    see(version) {
      if (version !== undefined && version === current) return;
      current = version;
      newer = new Map();
      older = new Map();
      bytes = 0;
    },
    find(key) {
      const found = newer.get(key);
      if (found !== undefined) return found;
      const aged = older.get(key);
      if (aged !== undefined) keep(key, aged);
      return aged;
    },
    keep,
  };
}
