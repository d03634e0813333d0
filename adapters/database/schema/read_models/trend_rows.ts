/** Trends as rows: what events make of them, and how they are read, pruned and converted. */
import type { Book } from "../../../../src/domain/book.ts";
import { addWeights, scoreAt, weightAt } from "../../../../src/domain/decaying_weight.ts";
import { type Trend, trendBooksMax } from "../../../../src/domain/trend.ts";
import type { SearchedEvent } from "../../../../src/ports/read_model.ts";
import { missesMax, type TrendRequest, trendScoreMin } from "../../../../src/ports/trend_store.ts";
import type { ConsumedKey } from "./consume_batch.ts";
import { bytesOf, type Row, type Statements, textOf } from "./statements.ts";

/** What a trend takes of an event. */
export interface TrendEvent extends ConsumedKey {
  readonly query: string;
  readonly shown: string;
  /** JSON; absent where the event is of a further page, which does not say what was found. */
  readonly books?: string;
}

export function trendEvent(
  { key, query, shownQuery, page = 1, books, searchedAt }: SearchedEvent,
): TrendEvent {
  const shown = { key: key.toHex(), query, shown: shownQuery, searchedAt };
  return page === 1 ? { ...shown, books: books.first(trendBooksMax) } : shown;
}

interface TrendRow {
  shown: string;
  found: number;
  weight: number;
  searches: number;
  books: string;
  searchedAt: number;
  foundAt: number;
}

const nothing = 0;
const something = 1;
const notKnown = 2;
const noBooks = "[]";
const columns = [
  "query",
  "shown",
  "found",
  "weight",
  "searches",
  "books",
  "searched_at",
  "found_at",
] as const;
const table = "shelfcast_search_trends";
const select = `SELECT ${columns.join(", ")} FROM ${table}`;
/** Without the texts, which most events replace. */
const selectNumbers = `SELECT query, found, weight, searches, searched_at, found_at FROM ${table}`;

/** Counts events, each of which is new. @param nowMs What is dated later counts as of then. */
export async function addToTrends(
  sql: Statements,
  events: readonly TrendEvent[],
  halfLifeMs: number,
  nowMs: number,
): Promise<void> {
  const queries = [...new Set(events.map(({ query }) => query))].sort();
  const rows = await storedRows(sql, events, queries);
  for (const event of events) {
    const weight = weightAt(Math.min(event.searchedAt, nowMs), halfLifeMs);
    rows.set(event.query, counted(rows.get(event.query), event, weight));
  }
  await sql.replace(
    table,
    columns,
    1,
    queries.flatMap((query) => {
      const row = rows.get(query);
      if (row === undefined) return [];
      const { shown, found, weight, searches, books, searchedAt, foundAt } = row;
      return [[
        bytesOf(query),
        bytesOf(shown),
        found,
        weight,
        searches,
        bytesOf(books),
        searchedAt,
        foundAt,
      ]];
    }),
  );
}

/** What the events are added to; its texts only where they may stay. */
async function storedRows(
  sql: Statements,
  events: readonly TrendEvent[],
  queries: readonly string[],
): Promise<Map<string, TrendRow>> {
  const last = new Map<string, { searchedAt: number; foundAt: number }>();
  for (const { query, searchedAt, books } of events) {
    const before = last.get(query) ?? { searchedAt: -1, foundAt: -1 };
    const foundAt = books === undefined ? -1 : searchedAt;
    last.set(query, {
      searchedAt: Math.max(before.searchedAt, searchedAt),
      foundAt: Math.max(before.foundAt, foundAt),
    });
  }
  const numbers = await sql.among(
    `${selectNumbers} WHERE query IN (?)`,
    [],
    queries.map(bytesOf),
  );
  const rows = new Map(numbers.map((row) => [textOf(row.query), trendRow(row)]));
  const staying = [...rows].filter(([query, { searchedAt, foundAt }]) => {
    const { searchedAt: shownAt = -1, foundAt: at = -1 } = last.get(query) ?? {};
    return shownAt <= searchedAt || at <= foundAt;
  });
  const keys = staying.map(([query]) => bytesOf(query));
  for (const row of await sql.among(`${select} WHERE query IN (?)`, [], keys)) {
    rows.set(textOf(row.query), trendRow(row));
  }
  return rows;
}

/** The same whatever the order of the events, but for the last bits of the weight. */
function counted(row: TrendRow | undefined, event: TrendEvent, weight: number): TrendRow {
  const { shown, searchedAt, books } = event;
  const next: TrendRow = row === undefined
    ? { shown, found: notKnown, weight, searches: 1, books: noBooks, searchedAt, foundAt: -1 }
    : { ...row, weight: addWeights(row.weight, weight), searches: row.searches + 1 };
  if (isLater(searchedAt, shown, next.searchedAt, next.shown)) {
    next.shown = shown;
    next.searchedAt = searchedAt;
  }
  if (books !== undefined && isLater(searchedAt, books, next.foundAt, next.books)) {
    next.books = books;
    next.found = books === noBooks ? nothing : something;
    next.foundAt = searchedAt;
  }
  return next;
}

/** Of equals the greater text. */
const isLater = (at: number, text: string, otherAt: number, otherText: string): boolean =>
  at > otherAt || at === otherAt && text > otherText;

/** Those that found something, or nothing, by falling score. */
export async function readTrends(
  sql: Statements,
  hasFound: boolean,
  { limit, minSearches, nowMs }: TrendRequest,
  halfLifeMs: number,
): Promise<readonly Trend[]> {
  const rows = await sql.rows(
    `${select} WHERE found = ? AND searches >= ? ORDER BY weight DESC, query LIMIT ?`,
    hasFound ? something : nothing,
    minSearches,
    limit,
  );
  return rows.map(trendRow).map(({ shown, books, weight, searches, searchedAt }) => ({
    query: shown,
    books: JSON.parse(books) as readonly Book[],
    score: scoreAt(weight, nowMs, halfLifeMs),
    searches,
    lastSearchedAt: searchedAt,
  }));
}

const prunedMost = 500;
const lowest = (where: string): string =>
  "DELETE FROM shelfcast_search_trends WHERE query IN (SELECT query FROM " +
  `(SELECT query FROM shelfcast_search_trends WHERE ${where} LIMIT ?) AS lowest)`;

/** @returns How many rows it took away. */
export async function pruneTrends(
  sql: Statements,
  nowMs: number,
  halfLifeMs: number,
): Promise<number> {
  const least = weightAt(nowMs, halfLifeMs, trendScoreMin);
  let pruned = 0;
  for (const found of [nothing, something, notKnown]) {
    pruned += await sql.run(lowest("found = ? AND weight < ?"), found, least, prunedMost);
  }
  const [row] = await sql.rows(
    "SELECT count(*) AS misses FROM shelfcast_search_trends WHERE found = ?",
    nothing,
  );
  const excess = Math.min(Number(row?.misses ?? 0) - missesMax, prunedMost);
  if (excess > 0) pruned += await sql.run(lowest("found = ? ORDER BY weight"), nothing, excess);
  return pruned;
}

/** @param by What a weight is raised by. */
export async function raiseTrends(sql: Statements, by: number): Promise<void> {
  await sql.run("UPDATE shelfcast_search_trends SET weight = weight + ?", by);
}

export async function clearTrends(sql: Statements): Promise<void> {
  await sql.run("DELETE FROM shelfcast_search_trends");
}

/** Texts that were not asked for are none. */
function trendRow({ shown = "", books = noBooks, ...row }: Row): TrendRow {
  return {
    shown: textOf(shown),
    found: Number(row.found),
    weight: Number(row.weight),
    searches: Number(row.searches),
    books: textOf(books),
    searchedAt: Number(row.searched_at),
    foundAt: Number(row.found_at),
  };
}
