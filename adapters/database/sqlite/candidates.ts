/** Candidates out of the index of SQLite: full-text search that only knows grams. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import {
  type Candidate,
  candidateColumns,
  candidateOf,
  type CandidateRequest,
  type Candidates,
} from "../schema/find_books.ts";
import { type ChosenGram, chosenGrams } from "../schema/chosen_grams.ts";
import type { GramShares } from "../schema/gram_shares.ts";
import { type GramList, inAllLists, openGramLists } from "./gram_lists.ts";
import { lastId } from "./index_state.ts";
import { keepValues } from "./kept_values.ts";
import { openTitleBeginnings, type TitlesBeginning } from "./title_beginnings.ts";

/** Answers what a search asks for. */
export type AskCandidates = (request: CandidateRequest, query: SearchQuery) => Candidates;

/** Candidates out of the index, over a connection that reads. */
export interface IndexedCandidates {
  /**
   * For one search: its questions are answered by one version of the shelf.
   *
   * @param version What differs whenever anything was changed by whomever, and never comes again;
   *   `undefined`: nothing that was read before is used.
   */
  begin(version: unknown): AskCandidates;
}

/**
 * The index compares the lists of the grams entry by entry, and while it does nobody else is
 * answered: so many take it some 3 ms. It is asked for a range of ids in which they have about as
 * many; up to a million books that is mostly all of them. It looks on to the first book behind the
 * range that has all grams, so that where they never meet, it goes through the whole shelf: then it
 * is asked once more, for that book, and not again for each range.
 */
const entriesPerQuestion = 300_000;
/**
 * To enter the index again for the one book that was lacking costs as much as reading a dozen or
 * more.
 */
const moreOutOfIndex = 6;
/** What a kept book is taken to cost beside its texts. An allowance. */
const overheadBytes = 200;
/** What judging a candidate costs, in entries of a list. */
const entriesPerCandidate = 300;

/**
 * @param keptBytes What lists of grams may take that are kept for searches that come, and twice as
 *   much the books that were candidates: as they come by rising id, the same ones are looked at
 *   again and again.
 */
export function openCandidates(
  database: DatabaseSync,
  shares: GramShares,
  keptBytes: number,
): IndexedCandidates {
  const prepare = (sql: string): StatementSync => {
    // Deno's own types do not know it; those of Node.js, which come with some package, do.
    const statement: StatementSync & { setReturnArrays?(enabled: boolean): void } = database
      .prepare(sql);
    statement.setReturnArrays?.(true);
    return statement;
  };
  // node:sqlite binds numbers as REAL, which the full-text search takes for no bound at all.
  const byGrams = prepare(
    `SELECT rowid FROM shelfcast_grams
     WHERE shelfcast_grams MATCH ? AND rowid > CAST(? AS INTEGER)
       AND rowid <= CAST(? AS INTEGER) ORDER BY rowid LIMIT ?`,
  );
  const byTitle = prepare(
    "SELECT id FROM shelfcast_forms WHERE title_key = ? AND id > ? ORDER BY id LIMIT ?",
  );
  const byTitleOrIsbn = prepare(
    `SELECT id FROM shelfcast_forms WHERE id IN (
       SELECT id FROM shelfcast_forms WHERE title_key = ?1
       UNION SELECT id FROM shelfcast_forms WHERE isbn = ?4
     ) AND id > ?2 ORDER BY id LIMIT ?3`,
  );
  const byIds = prepare(
    `SELECT ${candidateColumns} FROM json_each(?) j CROSS JOIN shelfcast_forms f ON f.id = j.value
     ORDER BY j.key`,
  );
  const kept = keepValues<number, Candidate>(2 * keptBytes, bytesOf);
  const lists = openGramLists((sql) => database.prepare(sql), shares, shelfEnd, keptBytes);
  const beginnings = openTitleBeginnings(
    (sql) => {
      const statement = prepare(sql);
      return { all: (key) => statement.all(key).map(cells) };
    },
    keptBytes / 2,
  );
  let seen: unknown;
  let end: number | undefined;

  /** The greatest id of the version that is seen. */
  function shelfEnd(): number {
    return end ??= lastId(database);
  }

  /** @param ids At most `limit`, rising. */
  function candidates(ids: readonly number[], limit: number): Candidates {
    const books: Candidate[] = [];
    const unread: number[] = [];
    for (const id of ids) {
      const known = kept.find(id);
      if (known === undefined) unread.push(id);
      else books.push(known);
    }
    if (unread.length > 0) {
      for (const row of byIds.all(JSON.stringify(unread))) {
        const candidate = candidateOf(cells(row));
        kept.keep(candidate.id, candidate);
        books.push(candidate);
      }
      if (books.length > unread.length) books.sort((a, b) => a.id - b.id);
    }
    const reachedId = ids.length === limit ? ids.at(-1) : undefined;
    return { books, ...(reachedId !== undefined && { reachedId }) };
  }

  /** Undefined where not all of the lists are kept. */
  function byLists(
    chosen: readonly string[],
    all: readonly (readonly string[])[],
    afterId: number,
    limit: number,
  ): readonly number[] | undefined {
    const needed: GramList[] = [];
    for (const gram of chosen) {
      const list = lists.find(gram);
      if (list !== undefined) needed.push(list);
    }
    if (needed.length < chosen.length) return undefined;
    // What others turn away need not be judged.
    const others = all.flat().map(lists.peek).filter((list) => list !== undefined);
    return inAllLists([...new Set([...needed, ...others])], afterId, limit);
  }

  return {
    begin(version) {
      kept.see(version);
      lists.see(version);
      beginnings.see(version);
      if (version === undefined || version !== seen) end = undefined;
      seen = version;
      let titles: TitlesBeginning | undefined;

      return ({ place, grams, afterId, limit }, { key, isbn }) => {
        if (place === 0 && isbn !== undefined) {
          return candidates(byTitleOrIsbn.all(key, afterId, limit, isbn).map(toId), limit);
        }
        if (place < 2) {
          titles ??= beginnings.find(key);
          const ids = place === 0 ? titles.equal : titles.longer;
          if (ids !== undefined) {
            return candidates(ids.filter((id) => id > afterId).slice(0, limit), limit);
          }
          if (place === 0) return candidates(byTitle.all(key, afterId, limit).map(toId), limit);
        }
        const { chosen, entriesPerBook } = worthwhile(
          chosenGrams(grams, shares.of),
          entriesPerQuestion / shelfEnd(),
        );
        const listed = byLists(chosen, grams, afterId, limit);
        if (listed !== undefined) return candidates(listed, limit);
        const throughId = afterId + Math.ceil(entriesPerQuestion / entriesPerBook);
        const match = chosen.map((gram) => `"${gram}"`).join(" AND ");
        const most = limit + moreOutOfIndex;
        const found = candidates(byGrams.all(match, afterId, throughId, most).map(toId), most);
        if (found.reachedId !== undefined || shelfEnd() <= throughId) return found;
        const [next] = byGrams.all(match, throughId, shelfEnd(), 1).map(toId);
        return next === undefined ? found : { ...found, reachedId: next - 1 };
      };
    },
  };
}

/**
 * Leaves out grams whose lists are longer to read than the candidates that they turn away, or too
 * long to be gone through.
 */
function worthwhile(
  rarestFirst: readonly ChosenGram[],
  mostEntriesPerBook: number,
): { readonly chosen: readonly string[]; readonly entriesPerBook: number } {
  const chosen: string[] = [];
  const groups = new Set<number>();
  let entriesPerBook = 0;
  let candidateShare = 1;
  for (const { gram, frequency: share, group } of rarestFirst) {
    const isOther = !groups.has(group);
    const left = isOther ? share : Math.max(share, 0.5);
    const turnedAway = candidateShare * (1 - left);
    if (chosen.length > 0 && turnedAway * entriesPerCandidate < share) continue;
    // Two things that are asked can be told apart by their lists only, however long they are.
    const isNeeded = chosen.length < 2 || (isOther && groups.size < 2);
    if (!isNeeded && entriesPerBook + share > mostEntriesPerBook) continue;
    chosen.push(gram);
    groups.add(group);
    entriesPerBook += share;
    candidateShare *= left;
  }
  return { chosen, entriesPerBook };
}

function bytesOf({ titleKey, text, json }: Candidate): number {
  return overheadBytes + textBytes(titleKey) + textBytes(text) + textBytes(json);
}

/** The engine keeps two bytes a character only where one does not do. */
const textBytes = (text: string): number => (wide.test(text) ? 2 : 1) * text.length;
const wide = /[\u0100-\uffff]/;

function toId(row: unknown): number {
  return Number(cells(row)[0]);
}

/** A statement that gives arrays, which its type does not know. */
function cells(row: unknown): readonly unknown[] {
  return Array.isArray(row) ? row : [];
}
