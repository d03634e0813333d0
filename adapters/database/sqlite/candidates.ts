/** Candidates out of the index of SQLite: full-text search that only knows grams. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import type { Candidate, CandidateRequest, Candidates } from "../schema/find_books.ts";
import { type ChosenGram, chosenGrams } from "../schema/chosen_grams.ts";
import type { GramShares } from "../schema/gram_shares.ts";

/** Answers what a search asks for. */
export type AskCandidates = (request: CandidateRequest, query: SearchQuery) => Candidates;

/** Candidates out of the index, over a connection that reads. */
export interface IndexedCandidates {
  readonly find: AskCandidates;
}

/**
 * The index compares the lists of the grams entry by entry, and while it does nobody else is
 * answered: it is asked for a range of ids in which they have about so many, some 1 ms. The first
 * range is where most searches end.
 */
const entriesPerQuestion = 60_000;
/**
 * Where no more titles begin with a key, all their ids are read: a fraction of what a list costs.
 */
const fewTitles = 100;
/** What judging a candidate costs, in entries of a list. */
const entriesPerCandidate = 300;

const columns = "f.id, f.title_key, f.text, f.isbn, f.json";

export function openCandidates(database: DatabaseSync, shares: GramShares): IndexedCandidates {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  // node:sqlite binds numbers as REAL, which the full-text search takes for no bound at all.
  const byGrams = prepare(
    `SELECT ${columns} FROM shelfcast_grams g CROSS JOIN shelfcast_forms f ON f.id = g.rowid
     WHERE g.shelfcast_grams MATCH ? AND g.rowid > CAST(? AS INTEGER)
       AND g.rowid <= CAST(? AS INTEGER) ORDER BY g.rowid LIMIT ?`,
  );
  const byTitle = prepare(
    `SELECT ${columns} FROM shelfcast_forms f WHERE title_key = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const byTitleOrIsbn = prepare(
    `SELECT ${columns} FROM shelfcast_forms f WHERE id IN (
       SELECT id FROM shelfcast_forms WHERE title_key = ?1
       UNION SELECT id FROM shelfcast_forms WHERE isbn = ?4
     ) AND id > ?2 ORDER BY id LIMIT ?3`,
  );
  // No byte of UTF-8 is greater. The ids are not bounded: a range of all titles would be gone
  // through for the last of them.
  const byBeginning = prepare(
    `SELECT id FROM shelfcast_forms
     WHERE title_key > ?1 AND title_key < ?1 || CAST(x'ff' AS TEXT) LIMIT ${fewTitles + 1}`,
  );
  const byId = prepare(`SELECT ${columns} FROM shelfcast_forms f WHERE id = ?`);
  const lastId = prepare("SELECT max(id) FROM shelfcast_forms");

  /** Titles that begin with the key; undefined where they are many. */
  function fewBeginning(key: string, afterId: number, limit: number): Candidates | undefined {
    const ids = byBeginning.all(key).map((row) => Number(cells(row)[0]));
    if (ids.length > fewTitles) return undefined;
    const wanted = ids.filter((id) => id > afterId).sort((a, b) => a - b).slice(0, limit);
    const books = wanted.flatMap((id) => byId.all(id)).map(toCandidate);
    const reachedId = wanted.length === limit ? wanted.at(-1) : undefined;
    return { books, ...(reachedId !== undefined && { reachedId }) };
  }

  return {
    find({ place, grams, afterId, limit }, { key, isbn }) {
      if (place === 0) {
        const rows = isbn === undefined
          ? byTitle.all(key, afterId, limit)
          : byTitleOrIsbn.all(key, afterId, limit, isbn);
        return candidates(rows, limit);
      }
      const few = place === 1 ? fewBeginning(key, afterId, limit) : undefined;
      if (few !== undefined) return few;
      const { chosen, entriesPerBook } = worthwhile(chosenGrams(grams, shares.of));
      const throughId = afterId + Math.ceil(entriesPerQuestion / entriesPerBook);
      const match = chosen.map((gram) => `"${gram}"`).join(" AND ");
      const found = candidates(byGrams.all(match, afterId, throughId, limit), limit);
      if (found.reachedId !== undefined) return found;
      const [end] = cells(lastId.get());
      return Number(end ?? 0) <= throughId ? found : { ...found, reachedId: throughId };
    },
  };
}

/** Leaves out grams whose lists are longer to read than the candidates that they turn away. */
function worthwhile(
  rarestFirst: readonly ChosenGram[],
): { readonly chosen: readonly string[]; readonly entriesPerBook: number } {
  const chosen: string[] = [];
  const groups = new Set<number>();
  let entriesPerBook = 0;
  let candidateShare = 1;
  for (const { gram, frequency: share, group } of rarestFirst) {
    const left = groups.has(group) ? Math.max(share, 0.5) : share;
    const turnedAway = candidateShare * (1 - left);
    if (chosen.length > 0 && turnedAway * entriesPerCandidate < share) continue;
    chosen.push(gram);
    groups.add(group);
    entriesPerBook += share;
    candidateShare *= left;
  }
  return { chosen, entriesPerBook };
}

function candidates(rows: readonly unknown[], limit: number): Candidates {
  const books = rows.map(toCandidate);
  const last = books.at(-1);
  return { books, ...(books.length === limit && last !== undefined && { reachedId: last.id }) };
}

function toCandidate(row: unknown): Candidate {
  const [id, titleKey, text, isbn, json] = cells(row);
  return {
    id: Number(id),
    titleKey: String(titleKey),
    text: String(text),
    isbn: isbn === null ? null : String(isbn),
    json: String(json),
  };
}

/** A statement that gives arrays, which its type does not know. */
function cells(row: unknown): readonly unknown[] {
  return Array.isArray(row) ? row : [];
}
