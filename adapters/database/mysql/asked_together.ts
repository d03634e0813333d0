/** What a search asks in one breath, as a question costs more than most answers. */
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import type { CandidateRequest } from "../schema/find_books.ts";
import { queryGrams, titleGram } from "../schema/grams.ts";
import type { ShelfShares } from "./sample_grams.ts";

/** A request, or one for the books of all places. */
export interface AskedRequest extends CandidateRequest {
  /** Also what belongs to other places than its own. Default: not. */
  readonly ofAllPlaces?: boolean;
}

/** Of a larger page too many books would come for nothing. */
const mostAhead = 60;
/** So many titles that begin as the query does fill a page. */
const manyTitles = 25;
/** Where no more books are expected, all of them are asked for at once. */
const fewBooks = 30;

/** How many of the books that have one word of a query have another. A guess. */
const together = 0.3;

/** @param request The first of a search. */
export function firstRequests(
  request: CandidateRequest,
  query: SearchQuery,
  shares: ShelfShares,
): readonly AskedRequest[] {
  const { place, afterId, limit } = request;
  const words = queryGrams(query);
  if (place > 0 || limit > mostAhead || expectedBooks(words, shares) > fewBooks) {
    return withLater(request, query, shares);
  }
  const all = { place: 2, grams: words, afterId, limit: 4 * limit, ofAllPlaces: true } as const;
  // The book of an ISBN need not have its grams.
  return query.isbn === undefined ? [all] : [request, all];
}

/** The request with those that follow unless it fills the page. */
export function withLater(
  request: CandidateRequest,
  query: SearchQuery,
  shares: ShelfShares,
): readonly AskedRequest[] {
  const { place, limit } = request;
  const requests = [request];
  if (limit > mostAhead) return requests;
  const [title, words] = [titleGram(query.key), queryGrams(query)];
  if (place < 1) requests.push({ place: 1, grams: [[title], ...words], afterId: 0, limit });
  if (place < 2 && shares.of(title) * shares.books < manyTitles) {
    // Those of the other places are not among them.
    requests.push({ place: 2, grams: words, afterId: 0, limit });
  }
  return requests;
}

/**
 * Words of a query come together more often than by chance: of the rarest one's books some have
 * all.
 */
function expectedBooks(words: readonly (readonly string[])[], shares: ShelfShares): number {
  const rarest = Math.min(...words.map((grams) => Math.min(...grams.map(shares.of))));
  return shares.books * rarest * together ** (words.length - 1);
}
