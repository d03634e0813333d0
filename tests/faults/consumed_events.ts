/** Events for tests of consumers, and whether what has come of them is what it should be. */
import assert from "node:assert/strict";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";

const visitors = 5;
const queries = ["dune", "emma", "ubik", "hunger", "nothing"];
const patienceMs = 120_000;
const encoder = new TextEncoder();
const visitorOf = (n: number): string => `9f8d4a52-3a37-4b7c-8d3e-${String(n).padStart(12, "0")}`;

/** The n-th event. */
export function searched(n: number, startedAt: number): EventRecord {
  const query = queries[n % queries.length]!;
  const books = query === "nothing" ? [] : [n % 7, n % 11 + 7].map((id) => ({
    id,
    title: `Title ${id}`,
    author: "A",
    published_at: null,
    description: "",
    created_at: "2026-01-01 00:00:00",
  }));
  return encodeBooksSearched({
    id: `017f22e2-79b0-7cc3-98c4-${String(n).padStart(12, "0")}`,
    query,
    visitorId: visitorOf(n % visitors),
    page: 1,
    json: encoder.encode(JSON.stringify(books)),
    count: books.length,
    searchedAt: startedAt + n,
  });
}

/** All that a reader can see, with weights as scores of one moment. */
export async function contentsOf(models: ReadModels, nowMs: number): Promise<Contents> {
  const request = { limit: 100, minSearches: 1, nowMs };
  const all = [...await models.trends.top(request), ...await models.trends.misses(request)];
  const contents: Contents = { counts: {}, scores: {}, books: {} };
  for (const { query, searches, score, books } of all) {
    contents.counts[query] = searches;
    contents.scores[query] = score;
    contents.books[query] = books.map(({ id }) => id);
  }
  for (let n = 0; n < visitors; n++) {
    const interests = await models.interests.interestsOf(visitorOf(n), { limit: 100, nowMs });
    for (const { bookId, score } of interests) contents.scores[`${n} ${bookId}`] = score;
  }
  return contents;
}

export interface Contents {
  readonly counts: Record<string, number>;
  readonly scores: Record<string, number>;
  readonly books: Record<string, readonly number[]>;
}

/** Counts and books exactly, weights within 1e-9. */
export function assertSame(found: Contents, wanted: Contents): void {
  assert.deepEqual(found.counts, wanted.counts);
  assert.deepEqual(found.books, wanted.books);
  assert.deepEqual(Object.keys(found.scores).toSorted(), Object.keys(wanted.scores).toSorted());
  for (const [what, score] of Object.entries(wanted.scores)) {
    const difference = Math.abs((found.scores[what] ?? 0) - score);
    assert.ok(difference < 1e-9 * Math.max(1, score), `${what}: ${difference}`);
  }
}

/** Partition → its end. */
export async function endsOf(log: EventLog, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const ends = new Map<number, bigint>();
  const onPlace = (places: ReadonlyMap<number, bigint>): void => {
    for (const [partition, place] of places) if (place > 0n) ends.set(partition, place);
  };
  for await (const _ of log.subscribe(topic, { from: "latest", until: "end", onPlace }));
  return ends;
}

/** Resolves when both read models have consumed all before these ends. */
export async function untilAt(
  { trends, interests }: ReadModels,
  ends: ReadonlyMap<number, bigint>,
): Promise<void> {
  const isThere = (positions: Awaited<ReturnType<typeof trends.positions>>): boolean =>
    [...ends].every(([partition, end]) =>
      positions.some((place) => place.partition === partition && place.position === end)
    );
  await until(
    "the read models' end",
    async () => isThere(await trends.positions()) && isThere(await interests.positions()),
  );
}

/** Resolves when it is so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!await isSo()) {
    assert.ok(performance.now() < deadline, `${what} was not reached in ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // until it is there
  }
}
