import type { Connection } from "mysql2/promise";
import type { SearchPlace } from "../../../src/domain/search_query.ts";
import type { BookPage, SearchRequest } from "../../../src/ports/book_catalogue.ts";
import { type CandidateRequest, type Candidates, findBooks } from "../schema/find_books.ts";
import { firstRequests, withLater } from "./asked_together.ts";
import { findCandidates } from "./candidates.ts";
import type { ShelfShares } from "./sample_grams.ts";
import { withUnindexed } from "./unindexed_books.ts";

/** The server looks for them, so that they may be more than where they hold up a thread of ours. */
const mostCandidates = 2_000;
/** A page that was found. */
export interface FoundPage {
  readonly page: BookPage;
  /** Of the shelf, before the page was looked for; undefined where it was not wanted. */
  readonly version: string | undefined;
}

export interface SearchOptions {
  readonly shares: ShelfShares;
  /** Whether books may stand in the table of an older version only. */
  readonly building: boolean;
  readonly wantsVersion: boolean;
}

export async function searchBooks(
  connection: Connection,
  { query, ...page }: SearchRequest,
  { shares, building, wantsVersion }: SearchOptions,
): Promise<FoundPage> {
  const search = findBooks(query, page, mostCandidates);
  let version: string | undefined;
  /** What has come with the answer to another request: from the place's beginning. */
  const known = new Map<SearchPlace, Candidates>();
  let isFirst = true;

  async function candidatesFor(request: CandidateRequest): Promise<Candidates> {
    const ahead = request.afterId === 0 ? known.get(request.place) : undefined;
    if (ahead !== undefined) return ahead;
    const together = (isFirst ? firstRequests : withLater)(request, query, shares);
    const requests = together.filter((one) => one === request || !known.has(one.place));
    const wanted = { requests, query, wantsVersion: wantsVersion && isFirst };
    const found = await findCandidates(connection, shares, wanted);
    if (isFirst) version = found.version;
    isFirst = false;
    for (const { place, afterId, ofAllPlaces } of requests) {
      const candidates = found.candidates.get(place);
      if (candidates === undefined || afterId > 0) continue;
      known.set(place, candidates);
      if (!ofAllPlaces || candidates.reachedId !== undefined) continue;
      for (const other of [0, 1] as const) if (!known.has(other)) known.set(other, candidates);
    }
    // Where there are more than were expected, its own place has still to be asked.
    return found.candidates.get(request.place) ?? await candidatesFor(request);
  }

  // One snapshot: a book that is indexed between two questions would be in neither answer.
  if (building) await connection.beginTransaction();
  let step = search.next();
  while (!step.done) {
    const indexed = await candidatesFor(step.value);
    const candidates = building
      ? await withUnindexed(connection, indexed, step.value, query)
      : indexed;
    step = search.next(candidates);
  }
  if (building) await connection.commit();
  return { page: step.value, version };
}
