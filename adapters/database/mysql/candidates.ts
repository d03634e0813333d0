/**
 * Candidates out of the index: the rarest gram's ids in their order, each looked up under other
 * grams where these turn many away, and what is left proved as far as the server can. Several
 * requests make one question, as a question costs more than most answers.
 */
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SearchPlace, SearchQuery, SearchTerm } from "../../../src/domain/search_query.ts";
import { type ChosenGram, chosenGrams } from "../schema/chosen_grams.ts";
import { candidateColumns, candidateOf, type Candidates } from "../schema/find_books.ts";
import type { GramShares } from "../schema/gram_shares.ts";
import type { AskedRequest } from "./asked_together.ts";

/** How many ids of the rarest gram are tried for each candidate that is wanted. */
const idsPerCandidate = 12;
/** Some 5 ms of the server; then another question goes on. */
const mostLookups = 5_000;
const mostOtherGrams = 4;
/** What it costs to read a book and look into its texts, in lookups of a gram. */
const lookupsPerBook = 3;
/** What a further gram costs a question, however few ids there are, in lookups. */
const lookupsPerGram = 30;

/** What a question answers. */
export interface Found {
  readonly candidates: ReadonlyMap<SearchPlace, Candidates>;
  /** Of the shelf, as it was then; undefined where it was not asked, or has none. */
  readonly version: string | undefined;
}

export interface Question {
  /** Each for another place. */
  readonly requests: readonly AskedRequest[];
  readonly query: SearchQuery;
  readonly wantsVersion: boolean;
}

/** Some rows of a question, of which the first value tells what they are. */
interface Part {
  readonly sql: string;
  readonly values: readonly string[];
}

/** Behind a candidate's place; where the ids end that were tried for it; which version it is. */
const endOf = (place: SearchPlace): number => 3 + place;
const ofVersion = 6;

const version: Part = {
  sql: `SELECT ${ofVersion} AS what, NULL AS id, token, NULL, NULL, NULL FROM shelfcast_version`,
  values: [],
};

export async function findCandidates(
  connection: Connection,
  shares: GramShares,
  { requests, query, wantsVersion }: Question,
): Promise<Found> {
  const parts = requests.flatMap((request) =>
    request.place === 0 ? [byTitle(request, query)] : byGrams(request, query, shares)
  );
  if (wantsVersion) parts.push(version);
  // One in parentheses would be written into a table of its own.
  const [only, ...others] = parts.map(({ sql }) => sql);
  const [answered] = await connection.execute<RowDataPacket[][]>({
    sql: others.length === 0 ? `${only}` : `(${[only, ...others].join(") UNION ALL (")})`,
    rowsAsArray: true,
  }, parts.flatMap(({ values }) => values));
  const rows: readonly (readonly unknown[])[] = answered;
  const token = rows.find(([what]) => what === ofVersion)?.[2];
  const found = new Map<SearchPlace, Candidates>();
  for (const { place, limit } of requests) {
    const books = rows.filter(([what]) => what === place).map(([, ...cells]) => candidateOf(cells))
      .toSorted((a, b) => a.id - b.id);
    const end = rows.find(([what]) => what === endOf(place))?.[1];
    const triedId = end === undefined ? undefined : Number(end);
    const reachedId = books.length === limit ? books.at(-1)?.id : triedId;
    found.set(place, { books, ...(reachedId !== undefined && { reachedId }) });
  }
  return { candidates: found, version: token === undefined ? undefined : String(token) };
}

function byTitle({ afterId, limit }: AskedRequest, { key, isbn }: SearchQuery): Part {
  const named = "SELECT id FROM shelfcast_forms WHERE title_key = ?";
  const bounds = [String(afterId), String(limit)];
  return isbn === undefined
    ? {
      sql: `SELECT 0 AS what, ${candidateColumns} FROM shelfcast_forms f
        WHERE f.title_key = ? AND f.id > ? ORDER BY f.id LIMIT ?`,
      values: [key, ...bounds],
    }
    : {
      sql: `SELECT 0 AS what, ${candidateColumns}
        FROM (${named} UNION SELECT id FROM shelfcast_forms WHERE isbn = ?) AS n
        JOIN shelfcast_forms f ON f.id = n.id WHERE f.id > ? ORDER BY f.id LIMIT ?`,
      values: [key, isbn, ...bounds],
    };
}

/**
 * The books need no sorting, which would have to wait for the last of the ids: these come in order,
 * and each is looked up before the next.
 */
function byGrams(
  { place, grams, afterId, limit, ofAllPlaces }: AskedRequest,
  query: SearchQuery,
  shares: GramShares,
): readonly Part[] {
  const plan = planOf(chosenGrams(grams, shares.of), limit * idsPerCandidate);
  const [driving = "", ...others] = plan.grams;
  const ids = String(plan.ids);
  const joins = others.map((_, index) =>
    `STRAIGHT_JOIN shelfcast_grams g${index} ON g${index}.gram = ? AND g${index}.id = d.id`
  );
  // What has the grams and cannot be meant stays on the server: a search may meet thousands.
  const standing = wordsStand(query.terms);
  const begins = ofAllPlaces
    ? { sql: "", values: [] }
    : { sql: `INSTR(f.title_key, ?) ${place === 1 ? "=" : "<>"} 1 AND `, values: [query.key] };
  const after = String(afterId);
  return [{
    sql: `SELECT ${place} AS what, ${candidateColumns} FROM (
        SELECT id FROM shelfcast_grams WHERE gram = ? AND id > ? ORDER BY id LIMIT ?
      ) AS d ${joins.join(" ")} STRAIGHT_JOIN shelfcast_forms f ON f.id = d.id
      WHERE ${begins.sql}${standing.sql} LIMIT ?`,
    values: [driving, after, ids, ...others, ...begins.values, ...standing.values, String(limit)],
  }, {
    // None where all of the ids were tried.
    sql: `SELECT ${endOf(place)} AS what, id, NULL, NULL, NULL, NULL FROM shelfcast_grams
      WHERE gram = ? AND id > ? ORDER BY id LIMIT ?, 1`,
    values: [driving, after, String(plan.ids - 1)],
  }];
}

/** The rarest gram, others that spare more than they cost, and how many ids are tried. */
function planOf(
  rarestFirst: readonly ChosenGram[],
  wantedIds: number,
): { readonly grams: readonly string[]; readonly ids: number } {
  const [driving, ...others] = rarestFirst;
  const grams = driving === undefined ? [] : [driving.gram];
  const groups = new Set([driving?.group]);
  /** The part of the ids that have the grams so far, and what an id costs, in lookups. */
  let left = 1;
  let cost = 1;
  for (const { gram, frequency: share, group } of others) {
    if (grams.length > mostOtherGrams) break;
    const passing = groups.has(group) ? Math.max(share, 0.5) : share;
    const spared = left * ((1 - passing) * lookupsPerBook - 1);
    if (spared * wantedIds < lookupsPerGram) continue;
    grams.push(gram);
    groups.add(group);
    cost += left;
    left *= passing;
  }
  cost += left * lookupsPerBook;
  return { grams, ids: Math.min(wantedIds, Math.ceil(mostLookups / cost)) };
}

/** What every book has that has a word for each term, wherever in a word that stands. */
function wordsStand(terms: readonly SearchTerm[]): Part {
  const needles = terms.map((term) => term.needles.map(({ text }) => text));
  const ofTerm = (texts: readonly string[]): string =>
    `(${texts.map(() => "INSTR(f.text, ?) > 0").join(" OR ")})`;
  return { sql: needles.map(ofTerm).join(" AND "), values: needles.flat() };
}
