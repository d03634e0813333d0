/** Interests as rows, one a visitor: what events make of them, and how they are read and pruned. */
import {
  addInterests,
  type InterestingSearch,
  type WeightedBook,
} from "../../../../src/domain/interest.ts";
import { forgottenDays } from "../../../../src/ports/interest_store.ts";
import type { SearchedEvent } from "../../../../src/ports/read_model.ts";
import type { ConsumedKey } from "./consume_batch.ts";
import { bytesOf, type Statements, textOf } from "./statements.ts";

/** What a visitor's interests take of an event. */
export interface InterestEvent extends ConsumedKey {
  /** Absent where it changes nothing. */
  readonly visitorId?: string;
  /** JSON, `[[id, title, author], …]`: as a text it is handed to a Worker in half the time. */
  readonly books?: string;
}

export function interestEvent(
  { key, visitorId, books, searchedAt }: SearchedEvent,
): InterestEvent {
  const event = { key: key.toHex(), searchedAt };
  if (visitorId === undefined) return event;
  const found = books.named();
  return found === noBooks ? event : { ...event, visitorId, books: found };
}

const noBooks = "[]";

/** A UUID as 16 bytes. */
const visitorBytes = (visitorId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.fromHex(visitorId.replaceAll("-", ""));

function booksIn(json: string): InterestingSearch["books"] {
  const books: readonly [id: number, title: string, author: string][] = JSON.parse(json);
  return books.map(([id, title, author]) => ({ id, title, author }));
}

interface InterestRow {
  interests: readonly WeightedBook[];
  readonly isForgotten: boolean;
  updatedAt: number;
}

const table = "shelfcast_visitor_interests";
const columns = ["visitor", "books", "forgotten", "updated_at"];
const select = `SELECT ${columns.join(", ")} FROM ${table}`;

/** Adds events, each of which is new. @param nowMs What is dated later counts as of then. */
export async function addToInterests(
  sql: Statements,
  events: readonly InterestEvent[],
  halfLifeMs: number,
  nowMs: number,
): Promise<void> {
  const visitors = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { visitorId } of events) {
    if (visitorId !== undefined && !visitors.has(visitorId)) {
      visitors.set(visitorId, visitorBytes(visitorId));
    }
  }
  const rows = await storedRows(sql, visitors);
  const changed = new Set<string>();
  for (const { visitorId, searchedAt, books } of events) {
    if (visitorId === undefined || books === undefined) continue;
    const row = rows.get(visitorId) ?? { interests: [], isForgotten: false, updatedAt: 0 };
    if (row.isForgotten) continue;
    rows.set(visitorId, row);
    changed.add(visitorId);
    row.updatedAt = Math.max(row.updatedAt, Math.min(searchedAt, nowMs));
    const search = { books: booksIn(books), searchedAt };
    // Cut after each event, so that it makes no difference how events come in batches.
    row.interests = addInterests(row.interests, search, { nowMs, halfLifeMs });
  }
  // By key, so that two processes lock the same rows in one order.
  const names = [...changed].sort();
  await sql.replace(
    table,
    columns,
    1,
    names.flatMap((name) => {
      const [row, visitor] = [rows.get(name), visitors.get(name)];
      if (row === undefined || visitor === undefined) return [];
      return [[visitor, bytesOf(JSON.stringify(row.interests)), 0, row.updatedAt]];
    }),
  );
}

/** Of a visitor, so many books at least, by falling weight, where there are so many. */
export async function readFirst(
  sql: Statements,
  visitorId: string,
  limit: number,
): Promise<readonly WeightedBook[]> {
  const key = visitorBytes(visitorId);
  const [row] = await sql.among(`SELECT books FROM ${table} WHERE visitor IN (?)`, [], [key]);
  return row === undefined ? [] : JSON.parse(firstIn(textOf(row.books), limit));
}

/** A book of a list, as JSON.stringify writes it, with the comma behind it. */
const book = /\[\d+,"(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*",[-+.\de]+\],/y;

/** The beginning of a list, at least so many books of it: pages show a few of many. */
export function firstIn(json: string, limit: number): string {
  book.lastIndex = 1;
  let end = 0;
  for (let count = 0; count < limit && book.test(json); count++) end = book.lastIndex;
  // Where it is no more than that, or is written otherwise, all is read.
  return book.lastIndex === 0 || end === 0 ? json : `${json.slice(0, end - 1)}]`;
}

export async function forgetVisitor(
  sql: Statements,
  visitorId: string,
  nowMs: number,
): Promise<void> {
  await sql.replace(table, columns, 1, [[visitorBytes(visitorId), bytesOf("[]"), 1, nowMs]]);
}

const dayMs = 86_400_000;
const prunedMost = 500;

/** @returns How many visitors it took away. */
export async function pruneInterests(
  sql: Statements,
  nowMs: number,
  visitorDays: number,
): Promise<number> {
  const unseen = `DELETE FROM ${table} WHERE visitor IN (SELECT visitor FROM ` +
    `(SELECT visitor FROM ${table} WHERE forgotten = ? AND updated_at < ? LIMIT ?) AS unseen)`;
  return await sql.run(unseen, 0, nowMs - visitorDays * dayMs, prunedMost) +
    await sql.run(unseen, 1, nowMs - forgottenDays * dayMs, prunedMost);
}

/** @param by What a weight is raised by. */
export async function raiseInterests(sql: Statements, by: number): Promise<void> {
  let after = new Uint8Array();
  for (;;) {
    const some = await sql.rows(
      `${select} WHERE visitor > ? AND forgotten = 0 ORDER BY visitor LIMIT ?`,
      after,
      prunedMost,
    );
    const raised = some.map(({ visitor, books, updated_at }) => {
      const interests: readonly WeightedBook[] = JSON.parse(textOf(books));
      const weights = interests.map((
        [id, title, author, weight],
      ) => [id, title, author, weight + by]);
      return [keyOf(visitor), bytesOf(JSON.stringify(weights)), 0, Number(updated_at)];
    });
    await sql.replace(table, columns, 1, raised);
    const last = some.at(-1);
    if (last === undefined) return;
    after = keyOf(last.visitor);
  }
}

/** Who asked to be forgotten stays so. */
export async function clearInterests(sql: Statements): Promise<void> {
  await sql.run(`DELETE FROM ${table} WHERE forgotten = 0`);
}

/** @param visitors Id → key. @returns Id → row. */
async function storedRows(
  sql: Statements,
  visitors: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Map<string, InterestRow>> {
  const ids = new Map([...visitors].map(([id, bytes]) => [bytes.toHex(), id]));
  const rows = await sql.among(`${select} WHERE visitor IN (?)`, [], [...visitors.values()]);
  return new Map(rows.map(({ visitor, books, forgotten, updated_at }) => [
    ids.get(keyOf(visitor).toHex()) ?? "",
    {
      interests: JSON.parse(textOf(books)),
      isForgotten: Number(forgotten) === 1,
      updatedAt: Number(updated_at),
    },
  ]));
}

const keyOf = (stored: unknown): Uint8Array<ArrayBuffer> =>
  stored instanceof Uint8Array ? new Uint8Array(stored) : new Uint8Array();
