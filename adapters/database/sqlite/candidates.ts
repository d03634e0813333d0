/** Candidates out of the index of SQLite: full-text search that only knows grams. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import type { Candidate, CandidateRequest, Candidates } from "../schema/find_books.ts";
import { chosenGrams } from "../schema/chosen_grams.ts";

/** Answers what a search asks for. */
export type AskCandidates = (request: CandidateRequest, query: SearchQuery) => Candidates;

/** Candidates out of the index, over a connection that reads. */
export interface IndexedCandidates {
  readonly find: AskCandidates;
}

/**
 * The index is asked for so many ids at once: lists that hardly ever meet are long, and while they
 * are compared nobody else is answered. The first range is where most searches end.
 */
const idsPerQuestion = 250_000;

const columns = "f.id, f.title_key, f.text, f.isbn, f.json";

export function openCandidates(database: DatabaseSync): IndexedCandidates {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const byGrams = prepare(
    `SELECT ${columns} FROM shelfcast_grams g CROSS JOIN shelfcast_forms f ON f.id = g.rowid
     WHERE g.shelfcast_grams MATCH ? AND g.rowid > ? AND g.rowid <= ? ORDER BY g.rowid LIMIT ?`,
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
  const lastId = prepare("SELECT max(id) FROM shelfcast_forms");

  return {
    find({ place, grams, afterId, limit }, { key, isbn }) {
      if (place === 0) {
        const rows = isbn === undefined
          ? byTitle.all(key, afterId, limit)
          : byTitleOrIsbn.all(key, afterId, limit, isbn);
        return candidates(rows, limit);
      }
      const throughId = afterId + idsPerQuestion;
      const match = chosenGrams(grams).map((gram) => `"${gram}"`).join(" AND ");
      const found = candidates(byGrams.all(match, afterId, throughId, limit), limit);
      if (found.reachedId !== undefined) return found;
      const [end] = cells(lastId.get());
      return Number(end ?? 0) <= throughId ? found : { ...found, reachedId: throughId };
    },
  };
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
