/** What searches cost on a shelf, through the port, and LIKE beside them. */
import assert from "node:assert/strict";
import type { NewBook } from "../../src/domain/book.ts";
import { parseSearchQuery } from "../../src/domain/search_query.ts";
import type { BookCatalogue, SearchPosition } from "../../src/ports/book_catalogue.ts";
import { benchShelf } from "./bench_shelf.ts";

/** Asks `title, author, description LIKE %word%`, by id, for a page. */
export type AskLike = (word: string) => Promise<unknown>;

export interface CaseResult {
  readonly name: string;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Searches that ended early. */
  readonly incomplete: number;
}

const pageSize = 10;
const batchBooks = 1_000;

/** What readers ask; of each case several, so that no one page is all that is looked at. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "hit": ["hunger games", "harry potter", "king", "love", "secret"],
  "rare hit": ["quokka", "quokka the"],
  "miss": ["zyzzyva", "qqqq", "hunger zyzzyva"],
  "two words": ["love story", "dark tower", "king stephen", "the girl"],
  "begins with": ["harry p", "the hob", "catch"],
  "one letter": ["a", "t", "e"],
  "ISBN": ["0439023483", "978-0-439-55493-0", "0316015849"],
};

/** What costs most: the commonest letters, many words, words that hardly ever meet, mere signs. */
const adversaries = [
  "dragon house",
  '"house dragon"',
  "the of and a in to",
  "e a o i n s r t l",
  "ing the ion ent ter ers",
  "inginging",
  "thethe",
  "ghter sever",
  "??",
  "(#",
  "a b c d e f g h i j k l m n o p q r s t u v w x y z",
  Array(100).fill("a").join(" "),
  "the ".repeat(50).trim(),
  "th in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co",
];

/** Fills an empty catalogue; answers books a second, index included. */
export async function fillShelf(
  catalogue: BookCatalogue,
  books: number,
  onProgress: (books: number) => void = () => {},
): Promise<number> {
  const startedMs = performance.now();
  let batch: NewBook[] = [];
  let done = 0;
  const flush = async () => {
    await catalogue.addMissing(batch);
    done += batch.length;
    batch = [];
    onProgress(done);
  };
  for (const book of benchShelf(books)) {
    batch.push(book);
    if (batch.length === batchBooks) await flush();
  }
  if (batch.length > 0) await flush();
  return done / (performance.now() - startedMs) * 1000;
}

/** @param rounds How often each query is asked. */
export async function benchSearches(
  catalogue: BookCatalogue,
  books: number,
  rounds: number,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [name, queries] of Object.entries(cases)) {
    results.push(await benchCase(catalogue, name, queries.map((query) => ({ query })), rounds));
  }
  const after: SearchPosition = { place: 2, id: Math.floor(books * 0.9) };
  const first = ["the", "love", "king"].map((query) => ({ query, after: { ...after, id: 0 } }));
  const deep = first.map(({ query }) => ({ query, after }));
  results.push(await benchCase(catalogue, "first page", first, rounds));
  results.push(await benchCase(catalogue, "deep page", deep, rounds));
  // Of each the slowest counts, not their median.
  for (const query of adversaries) {
    results.push(
      await benchCase(catalogue, `adversary: ${query.slice(0, 30)}`, [{ query }], rounds),
    );
  }
  return results;
}

interface Asked {
  readonly query: string;
  readonly after?: SearchPosition;
}

async function benchCase(
  catalogue: BookCatalogue,
  name: string,
  asked: readonly Asked[],
  rounds: number,
): Promise<CaseResult> {
  const requests = asked.map(({ query, after }) => {
    const parsed = parseSearchQuery(query);
    assert.ok(parsed, query);
    return { query: parsed, offset: 0, limit: pageSize, ...(after && { after }) };
  });
  const times: number[] = [];
  let incomplete = 0;
  for (let round = -3; round < rounds; round++) {
    for (const request of requests) {
      const startedMs = performance.now();
      const { isComplete } = await catalogue.search(request);
      // The first rounds warm up.
      if (round < 0) continue;
      times.push((performance.now() - startedMs) * 1000);
      if (!isComplete) incomplete += 1;
    }
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? NaN;
  return { name, p50Us: at(0.5), p99Us: at(0.99), incomplete };
}

/** The median of LIKE for a word that no book has, in microseconds. */
export async function benchLike(ask: AskLike, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    await ask(`zyzzyva${round}`);
    times.push((performance.now() - startedMs) * 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
}
