/**
 * What searched before there was an index, and still does for books of an older shelf that are not
 * indexed yet: the table `book_search`, titles and texts in an older folded form, as bytes.
 */
import type { Book } from "../../../src/domain/book.ts";
import { searchForm } from "../../../src/domain/search_form.ts";
import type { SearchQuery } from "../../../src/domain/search_query.ts";
import { normaliseQuery, searchWords } from "../../../src/domain/search_text.ts";
import type { Candidate, Candidates } from "./find_books.ts";

const encoder = new TextEncoder();
const quotes = /["\u201c-\u201f\u00ab\u00bb]/gu;
/** Never part of UTF-8: behind every continuation of a title. */
const beyondUtf8 = 0xff;

export interface OlderPattern {
  /** All of them must stand in `text_folded`. */
  readonly words: readonly Uint8Array<ArrayBuffer>[];
  /**
   * Titles that are the query equal `from`, those that begin with it are `from <= title_folded <
   * to`.
   */
  readonly phrase: string;
  readonly from: Uint8Array<ArrayBuffer>;
  readonly to: Uint8Array<ArrayBuffer>;
}

export function olderPattern({ typed }: SearchQuery): OlderPattern {
  const bare = typed.replace(quotes, " ");
  const phrase = normaliseQuery(bare);
  const from = encoder.encode(phrase);
  return {
    phrase,
    words: searchWords(bare).map((word) => encoder.encode(word)),
    from,
    to: new Uint8Array([...from, beyondUtf8]),
  };
}

/**
 * A book that a scan has found. Its place is the one in which the scan looks for it, so that it is
 * found once.
 */
export function unindexedCandidate(
  book: Book,
  { phrase }: OlderPattern,
  { key }: SearchQuery,
): Candidate {
  const title = normaliseQuery(book.title);
  const titleKey = title === phrase ? key : title.startsWith(phrase) ? `${key} ` : "";
  return { id: book.id, ...searchForm(book), titleKey, isbn: null, json: JSON.stringify(book) };
}

/**
 * Both, as far as both have been looked at. @param scanned At most `limit`: so many say that there
 * may be more.
 */
export function mergeCandidates(
  indexed: Candidates,
  scanned: readonly Candidate[],
  limit: number,
): Candidates {
  const scannedTo = scanned.length === limit ? scanned.at(-1)?.id : undefined;
  const ends = [indexed.reachedId, scannedTo].filter((id) => id !== undefined);
  const reachedId = ends.length === 0 ? undefined : Math.min(...ends);
  const books = [...indexed.books, ...scanned]
    .filter(({ id }) => reachedId === undefined || id <= reachedId)
    .toSorted((a, b) => a.id - b.id);
  return { books, ...(reachedId !== undefined && { reachedId }) };
}
