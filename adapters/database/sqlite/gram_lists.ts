/** Lists of the books that have a gram, read once for many searches. */
import type { GramShares } from "../schema/gram_shares.ts";
import { keepValues } from "./kept_values.ts";

/** Ids of books, rising. */
export type GramList = Float64Array<ArrayBuffer>;

/**
 * To walk two lists in the index takes a search some 100 µs, to walk them here some 5: the index
 * unpacks them byte by byte, and asks each for what the other has.
 */
export interface GramLists {
  /** From now on this version is asked for; `undefined`: nothing is kept. */
  see(version: unknown): void;
  /**
   * The list of a gram that has been asked for before; undefined where it is too long to be kept,
   * or was not worth it yet.
   */
  find(gram: string): GramList | undefined;
  /** The list where it is kept already. */
  peek(gram: string): GramList | undefined;
}

/** To read a list of so many takes half a millisecond. */
const mostIds = 4_096;
const overheadBytes = 150;

/** Makes a statement that answers one row. */
export type PrepareOne = (
  sql: string,
) => { get(...parameters: string[]): Record<string, unknown> | undefined };

/** What is known of a gram without a list: that it was asked for, or that its list is too long. */
type Known = GramList | "asked" | "long";

/**
 * Lists are read when they are asked for the second time.
 *
 * @param shelfEnd The greatest id.
 * @param maxBytes Of all lists together.
 */
export function openGramLists(
  prepare: PrepareOne,
  shares: GramShares,
  shelfEnd: () => number,
  maxBytes: number,
): GramLists {
  const known = keepValues<string, Known>(
    maxBytes,
    (value) => overheadBytes + (typeof value === "string" ? 0 : value.byteLength),
  );
  // As one text: to make an array of rows takes twice as long.
  const read = prepare(
    `SELECT json_group_array(rowid) AS ids FROM (
       SELECT rowid FROM shelfcast_grams WHERE shelfcast_grams MATCH ?
       ORDER BY rowid LIMIT ${mostIds + 1})`,
  );
  let isKept = false;

  function peek(gram: string): GramList | undefined {
    const found = known.find(gram);
    return typeof found === "string" ? undefined : found;
  }

  function readList(gram: string): Known {
    if (shares.of(gram) * shelfEnd() > 2 * mostIds) return "long";
    const ids: number[] = JSON.parse(String(read.get(`"${gram}"`)?.ids));
    return ids.length > mostIds ? "long" : Float64Array.from(ids);
  }

  return {
    see(version) {
      isKept = version !== undefined && maxBytes > 0;
      known.see(version);
    },
    find(gram) {
      if (!isKept) return undefined;
      const found = known.find(gram);
      if (found === undefined) known.keep(gram, "asked");
      if (found !== "asked") return typeof found === "string" ? undefined : found;
      const list = readList(gram);
      known.keep(gram, list);
      return typeof list === "string" ? undefined : list;
    },
    peek,
  };
}

/** The first ids behind `afterId` that stand in all lists. */
export function inAllLists(lists: readonly GramList[], afterId: number, limit: number): number[] {
  const [shortest, ...others] = lists.toSorted((a, b) => a.length - b.length);
  const ids: number[] = [];
  if (shortest === undefined) return ids;
  const places = others.map((list) => firstBehind(list, afterId));
  for (let at = firstBehind(shortest, afterId); at < shortest.length; at++) {
    const id = shortest[at] ?? Infinity;
    let isInAll = true;
    for (let n = 0; n < others.length && isInAll; n++) {
      const list = others[n];
      if (list === undefined) break;
      let place = places[n] ?? 0;
      while (place < list.length && (list[place] ?? Infinity) < id) place += 1;
      places[n] = place;
      isInAll = list[place] === id;
    }
    if (!isInAll) continue;
    ids.push(id);
    if (ids.length === limit) break;
  }
  return ids;
}

function firstBehind(list: GramList, id: number): number {
  if ((list[0] ?? Infinity) > id) return 0;
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((list[middle] ?? Infinity) > id) to = middle;
    else from = middle + 1;
  }
  return from;
}
