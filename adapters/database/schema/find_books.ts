/**
 * How a page of a search is found, whatever the database: place by place, by candidates in the
 * order of their ids, each judged by the domain's definition. It asks for candidates by yielding,
 * so that SQLite answers at once and MySQL by a promise.
 */
import type { SearchForm } from "../../../src/domain/search_form.ts";
import { placeOf, type SearchPlace, type SearchQuery } from "../../../src/domain/search_query.ts";
import type { BookPage, PageRequest } from "../../../src/ports/book_catalogue.ts";
import { queryGrams, titleGram } from "./grams.ts";
import { bookPage } from "./book_page.ts";

/** A book that may be meant. */
export interface Candidate extends SearchForm {
  readonly id: number;
  readonly isbn: string | null;
  readonly json: string;
}

/** What is read of a candidate, out of `shelfcast_forms f`. */
export const candidateColumns = "f.id, f.title_key, f.text, f.isbn, f.json";

/** @param cells In the order of `candidateColumns`. */
export function candidateOf([id, titleKey, text, isbn, json]: readonly unknown[]): Candidate {
  return {
    id: Number(id),
    titleKey: String(titleKey),
    text: String(text),
    isbn: isbn === null ? null : String(isbn),
    json: String(json),
  };
}

/** Which candidates are wanted next: all that can be in a place, by id. */
export interface CandidateRequest {
  readonly place: SearchPlace;
  /**
   * What they all have, for each thing that is asked; none for place 0, whose titles are known by
   * their key.
   */
  readonly grams: readonly (readonly string[])[];
  readonly afterId: number;
  readonly limit: number;
}

export interface Candidates {
  /** Those behind `afterId`, without a gap up to `reachedId`, by id. */
  readonly books: readonly Candidate[];
  /** Up to where all have been looked at; absent: to the end. */
  readonly reachedId?: number;
}

/** How many times as many candidates a further question asks for at most. */
const growth = 4;
/** For chance: how many times as many as should be enough, by those of the question before. */
const reserve = 2;
const largestQuestion = 500;
/** What a question costs that ends before it has its candidates, in candidates. */
const rangeCost = 150;

/**
 * @param mostCandidates Behind so many, or so many questions as would ask for them, the search ends
 *   early. Books that are passed over do not count.
 */
export function* findBooks(
  query: SearchQuery,
  { after, offset, limit }: PageRequest,
  mostCandidates: number,
): Generator<CandidateRequest, BookPage, Candidates> {
  const found: string[] = [];
  let toSkip = offset;
  let left = mostCandidates + offset;
  let last = after ?? { place: 0, id: 0 };
  const grams = queryGrams(query);

  for (const place of [0, 1, 2] as const) {
    if (place < last.place) continue;
    let afterId = place === last.place ? last.id : 0;
    const wanted = place === 0 ? [] : place === 1 ? [[titleGram(query.key)], ...grams] : grams;
    // One more than fit tells that there are more; in the last place those of the others stand,
    // too.
    let ask = toSkip + limit - found.length + (place === 2 ? 6 : 1);
    for (;;) {
      ask = Math.min(ask, largestQuestion);
      const { books, reachedId } = yield { place, grams: wanted, afterId, limit: ask };
      let meant = books.length;
      for (const book of books) {
        if (placeOf(query, book, book.isbn) !== place) {
          left -= 1;
          meant -= 1;
        } else if (toSkip > 0) {
          toSkip -= 1;
        } else if (found.length === limit) {
          return bookPage(found, { next: last });
        } else {
          found.push(book.json);
          last = { place, id: book.id };
        }
      }
      if (reachedId === undefined) break;
      afterId = reachedId;
      // It had to go through a whole range for the few that it answers.
      const isCutShort = books.length < ask;
      if (isCutShort) left -= rangeCost;
      if (left <= 0) {
        const next = { place, id: afterId };
        return bookPage(found, { next, isComplete: found.length === limit });
      }
      const missing = toSkip + limit - found.length + 1;
      const enough = isCutShort ? Infinity : missing * reserve * books.length / meant;
      ask = Math.min(Math.ceil(enough), ask * growth);
    }
  }
  return bookPage(found, {});
}
