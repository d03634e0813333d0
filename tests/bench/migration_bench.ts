/**
 * What searches cost on a shelf of the version before while its index is built, beside what they
 * cost when nobody builds it.
 */
import { sharesIn } from "../../adapters/database/schema/gram_shares.ts";
import { openReader } from "../../adapters/database/sqlite/book_reader.ts";
import { openToRead } from "../../adapters/database/sqlite/ready_file.ts";
import { isBuilding } from "../../adapters/database/sqlite/index_state.ts";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { DatabaseSync } from "node:sqlite";
import { parseSearchQuery } from "../../src/domain/search_query.ts";
import type { SearchRequest } from "../../src/ports/book_catalogue.ts";
import { openInOtherProcess } from "../adapters/database/other_process.ts";
import { makeOlderShelf } from "../adapters/database/older_shelf.ts";
import { benchShelf } from "./bench_shelf.ts";

/** Of all searches of a phase, in milliseconds. */
export interface MigrationPhase {
  readonly name: string;
  readonly searches: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface MigrationBench {
  /** Scanned while nobody writes; while the index is built; when it is built. */
  readonly phases: readonly MigrationPhase[];
  /** Until the shop could be asked. */
  readonly openMs: number;
  /** Indexed while it is searched all the time. */
  readonly booksASecond: number;
}

const queries = ["hunger games", "king", "quokka", "zyzzyva", "love story", "the girl", "harry p"];

/** @param forMs A phase at most. */
export async function benchMigration(books: number, forMs: number): Promise<MigrationBench> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_migration_" });
  try {
    return await migrate(`${folder}/shelf.db`, books, forMs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function migrate(file: string, books: number, forMs: number): Promise<MigrationBench> {
  makeOlderShelf(file, benchShelf(books));
  // Killed in the middle, so that nobody builds.
  await openInOtherProcess("sqlite", { file }, "indexing");
  const reader = openReader(openToRead(file), sharesIn(undefined), 0);
  const still = await phase("nobody writes", forMs, (request) => reader.search(request));
  reader.close();

  const began = performance.now();
  await using catalogue = await openSqliteCatalogue({ file, pageCacheBytes: 0 });
  const openMs = performance.now() - began;
  using look = new DatabaseSync(file, { readOnly: true });
  const indexed = () =>
    Number(look.prepare("SELECT indexed_id FROM shelfcast_build").get()?.indexed_id);
  const [from, beganBuilding] = [indexed(), performance.now()];
  let through = from;
  const building = await phase("the index is built", forMs, async (request) => {
    await catalogue.search(request);
    // The writer's messages come in between.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const isUnderWay = isBuilding(look);
    if (isUnderWay) through = indexed();
    return isUnderWay;
  });
  const booksASecond = (through - from) / (performance.now() - beganBuilding) * 1000;
  while (isBuilding(look)) await new Promise((resolve) => setTimeout(resolve, 100));
  const built = await phase("it is built", forMs, (request) => catalogue.search(request));
  return { phases: [still, building, built], openMs, booksASecond };
}

/** Asks until the time is over, or until it is answered with false. */
async function phase(
  name: string,
  forMs: number,
  ask: (request: SearchRequest) => unknown,
): Promise<MigrationPhase> {
  const times: number[] = [];
  const endMs = performance.now() + forMs;
  for (let round = 0; performance.now() < endMs; round++) {
    const query = parseSearchQuery(queries[round % queries.length] ?? "");
    if (query === undefined) continue;
    const beganMs = performance.now();
    const answer = await ask({ query, offset: 0, limit: 10 });
    if (answer === false) break;
    times.push(performance.now() - beganMs);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? NaN;
  return { name, searches: times.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}
