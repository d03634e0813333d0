/**
 * Candidates out of the index: the rarest gram's ids in their order, each looked up under the next
 * rare ones.
 */
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SearchQuery, SearchTerm } from "../../../src/domain/search_query.ts";
import type { Candidate, CandidateRequest, Candidates } from "../schema/find_books.ts";
import { chosenGrams } from "../schema/chosen_grams.ts";
import { select } from "./book_queries.ts";
import type { GramCounts } from "./gram_counts.ts";

/** Behind the rarest, more of them turn few candidates away. */
const gramsPerQuestion = 5;
/** How many ids of the rarest gram are tried for each candidate that is wanted. */
const idsPerCandidate = 50;
/** With four more lookups each 25,000 reads of the index; then another question goes on. */
const mostIds = 5_000;

const columns = "f.title_key, f.text, f.isbn, f.json";

export async function findCandidates(
  connection: Connection,
  counts: GramCounts,
  request: CandidateRequest,
  query: SearchQuery,
): Promise<Candidates> {
  const { place, grams, afterId, limit } = request;
  if (place === 0) return await byTitle(connection, query, afterId, limit);
  await counts.learn(connection, grams.flat());
  const rarest = chosenGrams(grams, counts.frequency).slice(0, gramsPerQuestion)
    .map(({ gram }) => gram);
  const ids = Math.min(limit * idsPerCandidate, mostIds);
  const joins = rarest.slice(1).map((_, index) =>
    `STRAIGHT_JOIN shelfcast_grams g${index} ON g${index}.gram = ? AND g${index}.id = d.id`
  );
  const [driving = "", ...others] = rarest;
  const after = String(afterId);
  // The last row says where the ids of the rarest gram end that were tried; none where they all
  // were. What has the grams and cannot be meant is told by its id alone: such books are counted,
  // and their texts, of which a search may meet a thousand, stay on the server.
  const standing = wordsStand(query.terms);
  const rows = await select(
    connection,
    `(SELECT 0 AS tried, d.id, ${columns} FROM (
        SELECT id FROM shelfcast_grams WHERE gram = ? AND id > ? ORDER BY id LIMIT ?
      ) AS d ${joins.join(" ")}
      LEFT JOIN shelfcast_forms f ON f.id = d.id AND ${standing.sql}
      ORDER BY d.id LIMIT ?)
     UNION ALL
     (SELECT 1, id, NULL, NULL, NULL, NULL FROM shelfcast_grams WHERE gram = ? AND id > ?
      ORDER BY id LIMIT ?, 1)`,
    [
      driving,
      after,
      String(ids),
      ...others,
      ...standing.values,
      String(limit),
      driving,
      after,
      String(ids - 1),
    ],
  );
  const books = rows.filter((row) => Number(row.tried) === 0).map(toCandidate)
    .toSorted((a, b) => a.id - b.id);
  const tried = rows.find((row) => Number(row.tried) === 1);
  const reachedId = books.length === limit ? books.at(-1)?.id : tried && Number(tried.id);
  return { books, ...(reachedId !== undefined && { reachedId }) };
}

async function byTitle(
  connection: Connection,
  { key, isbn }: SearchQuery,
  afterId: number,
  limit: number,
): Promise<Candidates> {
  const named = "SELECT id FROM shelfcast_forms WHERE title_key = ?";
  const rows = await select(
    connection,
    isbn === undefined
      ? `SELECT f.id, ${columns} FROM shelfcast_forms f WHERE title_key = ? AND id > ? ORDER BY id LIMIT ?`
      : `SELECT f.id, ${columns} FROM (${named} UNION SELECT id FROM shelfcast_forms WHERE isbn = ?) AS n
         JOIN shelfcast_forms f ON f.id = n.id WHERE f.id > ? ORDER BY f.id LIMIT ?`,
    [key, ...(isbn === undefined ? [] : [isbn]), String(afterId), String(limit)],
  );
  const books = rows.map(toCandidate);
  const last = books.at(-1);
  return { books, ...(books.length === limit && last !== undefined && { reachedId: last.id }) };
}

/** What every book has that has a word for each term, wherever in a word that stands. */
function wordsStand(terms: readonly SearchTerm[]): { sql: string; values: readonly string[] } {
  const needles = terms.map((term) => term.needles.map(({ text }) => text));
  const ofTerm = (texts: readonly string[]): string =>
    `(${texts.map(() => "INSTR(f.text, ?) > 0").join(" OR ")})`;
  return { sql: needles.map(ofTerm).join(" AND "), values: needles.flat() };
}

function toCandidate({ id, title_key, text, isbn, json }: RowDataPacket): Candidate {
  return {
    id: Number(id),
    titleKey: String(title_key ?? ""),
    text: String(text ?? ""),
    isbn: isbn === null ? null : String(isbn),
    json: String(json ?? ""),
  };
}
