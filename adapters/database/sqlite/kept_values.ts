import { keepNewest } from "../../../src/domain/kept_newest.ts";

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

/** @param maxBytes Of all together. */
export function keepValues<Key, Value>(
  maxBytes: number,
  bytesOf: (value: Value) => number,
): KeptValues<Key, Value> {
  const { find, keep, clear } = keepNewest<Key, Value>(maxBytes, bytesOf);
  let current: unknown;

  return {
    see(version) {
      if (version !== undefined && version === current) return;
      current = version;
      clear();
    },
    find,
    keep,
  };
}
