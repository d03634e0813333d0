/** Pages that were found, for those who ask the same: most readers ask what others have asked. */
import type { BookPage, PageRequest, SearchRequest } from "../../../src/ports/book_catalogue.ts";

/** What a page is taken to cost beside its bytes and its key. An allowance. */
const overheadBytes = 300;
const mostPages = 1_000;

/** What the pages may take where nobody says: 4 MiB. */
export const keptPagesBytes: number = 4 * 2 ** 20;

/** Of a search, or of the list of all books. */
type KeptRequest = SearchRequest | PageRequest;

/**
 * Pages of one version of the shelf. A version is what differs whenever anything was changed by
 * whomever, and never comes again; `undefined` is none: nothing is kept or found.
 */
export interface KeptPages {
  /**
   * Whether a page of this request is kept, of whatever version: it pays to ask which one it is.
   */
  holds(request: KeptRequest): boolean;
  /** From now on this version is asked for: what was kept of another is forgotten. */
  see(version: unknown): void;
  /** The page of this request, where one of this version is kept; sees the version. */
  find(version: unknown, request: KeptRequest): BookPage | undefined;
  /**
   * @param version As it was before the page was looked for: what has changed meanwhile is newer
   *   than this says, and found anew.
   */
  keep(version: unknown, request: KeptRequest, page: BookPage): void;
}

/**
 * Keeps pages; the one that was not asked for the longest goes first. A page that ended early is
 * not kept: it may have more by the next time.
 *
 * @param maxBytes Of all pages together; 0: none is kept.
 */
export function keepPages(maxBytes: number): KeptPages {
  const pages = new Map<string, BookPage>();
  let current: unknown;
  let bytes = 0;

  function see(version: unknown): void {
    if (version === current) return;
    current = version;
    pages.clear();
    bytes = 0;
  }

  return {
    holds: (request) => pages.has(keyOf(request)),
    see,
    find(version, request) {
      see(version);
      const key = keyOf(request);
      const known = pages.get(key);
      if (known === undefined) return undefined;
      // Behind all others again.
      pages.delete(key);
      pages.set(key, known);
      return known;
    },
    keep(version, request, page) {
      if (version === undefined || version !== current || !page.isComplete) return;
      const key = keyOf(request);
      const other = pages.get(key);
      if (other !== undefined) bytes -= costOf(key, other);
      pages.delete(key);
      pages.set(key, page);
      bytes += costOf(key, page);
      for (const [oldest, itsPage] of pages) {
        if (bytes <= maxBytes && pages.size <= mostPages) return;
        pages.delete(oldest);
        bytes -= costOf(oldest, itsPage);
      }
    },
  };
}

/** A text of ASCII takes a byte a character, any other two at most. */
const costOf = (key: string, { json, text }: BookPage): number =>
  json.length + text.length * (json.length === text.length ? 1 : 2) + 2 * key.length +
  overheadBytes;

function keyOf(request: KeptRequest): string {
  const { after, offset, limit } = request;
  const page = `${after?.place ?? 0} ${after?.id ?? 0} ${offset} ${limit}`;
  return "query" in request ? `${page} ${request.query.typed}` : page;
}
