/** Titles by how their keys begin, for the places before the last. */
import { keepValues } from "./kept_values.ts";

/** Ids of books, rising. */
export interface TitlesBeginning {
  /** Whose title's key it is; undefined where they are many. */
  readonly equal: readonly number[] | undefined;
  /** Whose title's key goes on behind it; undefined where they are many. */
  readonly longer: readonly number[] | undefined;
}

export interface TitleBeginnings {
  /** From now on this version is asked for; `undefined`: nothing is kept. */
  see(version: unknown): void;
  find(key: string): TitlesBeginning;
}

interface Title {
  readonly id: number;
  readonly titleKey: string;
}

/** Makes a statement that answers arrays of cells. */
export type PrepareRows = (
  sql: string,
) => { all(...parameters: string[]): readonly (readonly unknown[])[] };

/**
 * Where no more titles begin with a key, all of them are read out of their own index: a fraction of
 * what a list of the grams costs.
 */
const fewTitles = 100;
/**
 * Beginnings under which titles are kept, for all longer keys: of the first of them that has few
 * titles.
 */
const keptLengths = [2, 3, 4, 6, 8, 12];
const overheadBytes = 150;
const titleBytes = 80;

/** What is known of a beginning without its titles: that it was asked for, or that it has many. */
type Known = readonly Title[] | "asked" | "many";

/**
 * To ask takes a search some 5 µs, to look here one. Titles are read when they are asked for the
 * second time.
 *
 * @param maxBytes Of all kept titles together.
 */
export function openTitleBeginnings(prepare: PrepareRows, maxBytes: number): TitleBeginnings {
  // No byte of UTF-8 is greater. The ids are not bounded: a range of all titles would be gone
  // through for the last of them. In the index's order, so that those that are the key come first.
  const byBeginning = prepare(
    `SELECT id, title_key FROM shelfcast_forms
     WHERE title_key >= ?1 AND title_key < ?1 || CAST(x'ff' AS TEXT)
     ORDER BY title_key LIMIT ${fewTitles + 1}`,
  );
  const known = keepValues<string, Known>(maxBytes, bytesOf);
  let isKept = false;

  const read = (beginning: string): readonly Title[] =>
    byBeginning.all(beginning).map(([id, titleKey]) => ({
      id: Number(id),
      titleKey: String(titleKey),
    }));

  /** Undefined where they are not kept. */
  function findKept(key: string): readonly Title[] | undefined {
    for (const length of keptLengths) {
      if (length > key.length) return undefined;
      const beginning = key.slice(0, length);
      // Half a character is none.
      if (!beginning.isWellFormed()) continue;
      let found = known.find(beginning);
      if (found === undefined) {
        known.keep(beginning, "asked");
        return undefined;
      }
      if (found === "asked") {
        const titles = read(beginning);
        found = titles.length > fewTitles ? "many" : titles;
        known.keep(beginning, found);
      }
      if (typeof found !== "string") return found;
    }
    return undefined;
  }

  return {
    see(version) {
      isKept = version !== undefined && maxBytes > 0;
      known.see(version);
    },
    find(key) {
      const titles = (isKept ? findKept(key) : undefined) ?? read(key);
      const isAll = titles.length <= fewTitles;
      const areEqualAll = isAll || titles.at(-1)?.titleKey !== key;
      const equal: number[] = [];
      const longer: number[] = [];
      for (const { id, titleKey } of titles) {
        if (titleKey === key) equal.push(id);
        else if (titleKey.startsWith(key)) longer.push(id);
      }
      return {
        equal: areEqualAll ? equal.sort(byNumber) : undefined,
        longer: isAll ? longer.sort(byNumber) : undefined,
      };
    },
  };
}

const byNumber = (a: number, b: number): number => a - b;

function bytesOf(value: Known): number {
  if (typeof value === "string") return overheadBytes;
  return value.reduce(
    (sum, { titleKey }) => sum + titleBytes + 2 * titleKey.length,
    overheadBytes,
  );
}
