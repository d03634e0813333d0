/** Pages that were found, for those who ask the same: most readers ask what others have asked. */
import type { DatabaseSync } from "node:sqlite";
import type { BookPage, SearchRequest } from "../../../src/ports/book_catalogue.ts";

/** What a page is taken to cost beside its bytes and its key. An allowance. */
const overheadBytes = 300;
const mostPages = 1_000;

/**
 * Answers from the pages that `find` gave before, as long as nothing was changed by whomever; the
 * one that was not asked for the longest goes first. A page that ended early is found anew: it may
 * have more by then.
 *
 * @param maxBytes Of all pages together; 0: none is kept.
 */
export function keepPages(
  database: DatabaseSync,
  maxBytes: number,
  find: (request: SearchRequest) => BookPage,
): (request: SearchRequest) => BookPage {
  const dataVersion = database.prepare("PRAGMA data_version");
  const pages = new Map<string, BookPage>();
  let version: unknown;
  let bytes = 0;

  function keep(key: string, page: BookPage): void {
    pages.set(key, page);
    bytes += costOf(key, page);
    for (const [oldest, other] of pages) {
      if (bytes <= maxBytes && pages.size <= mostPages) return;
      pages.delete(oldest);
      bytes -= costOf(oldest, other);
    }
  }

  return (request) => {
    // Asked before the search: what changes meanwhile is newer than this says, and found anew.
    const found = dataVersion.get()?.data_version;
    if (found !== version) {
      version = found;
      pages.clear();
      bytes = 0;
    }
    const key = keyOf(request);
    const known = pages.get(key);
    if (known !== undefined) {
      // Behind all others again.
      pages.delete(key);
      pages.set(key, known);
      return known;
    }
    const page = find(request);
    if (page.isComplete) keep(key, page);
    return page;
  };
}

const costOf = (key: string, { json }: BookPage): number =>
  json.length + 2 * key.length + overheadBytes;

function keyOf({ query, after, offset, limit }: SearchRequest): string {
  return `${after?.place ?? 0} ${after?.id ?? 0} ${offset} ${limit} ${query.typed}`;
}
