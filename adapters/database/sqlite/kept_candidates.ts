import type { Candidate } from "../schema/find_books.ts";

/** What a book is taken to cost beside its texts. An allowance. */
const overheadBytes = 200;

/** Candidates of one version of the shelf. */
export interface KeptCandidates {
  /** From now on this version is asked for; `undefined` is none: what was kept is forgotten. */
  see(version: unknown): void;
  find(id: number): Candidate | undefined;
  keep(candidate: Candidate): void;
}

/**
 * Keeps books that searches have looked at: as candidates come by rising id, the same books are
 * looked at again and again, and to read one costs ten times what to judge it does.
 *
 * @param maxBytes Of all together. One half has the newest; when that is full, it becomes the older
 *   half, and what nobody has asked for meanwhile is forgotten.
 */
export function keepCandidates(maxBytes: number): KeptCandidates {
  let newer = new Map<number, Candidate>();
  let older = new Map<number, Candidate>();
  let bytes = 0;
  let current: unknown;

  function keep(candidate: Candidate): void {
    const { id, titleKey, text, json } = candidate;
    // A character takes one byte or two.
    const cost = 2 * (titleKey.length + text.length + json.length) + overheadBytes;
    if (bytes + cost > maxBytes / 2) {
      older = newer;
      newer = new Map();
      bytes = 0;
    }
    if (cost > maxBytes / 2) return;
    newer.set(id, candidate);
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
    find(id) {
      const found = newer.get(id);
      if (found !== undefined) return found;
      const aged = older.get(id);
      if (aged !== undefined) keep(aged);
      return aged;
    },
    keep,
  };
}
