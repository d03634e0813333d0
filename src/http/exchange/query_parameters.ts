/** The parameters of a search, read from the query of a URL. */
import { searchLimits } from "../../domain/search_limits.ts";
import type { SearchCursor } from "../../use_cases/search_books.ts";
import { Problem } from "./problem.ts";

/**
 * What to show in the search box of a page that cannot be: as much of `q` as can be read and shown,
 * so that nobody has to type it again.
 */
export function readableQuery(url: string): string {
  const [first] = ownPairs(url, ["q"]);
  return first === undefined ? "" : (decode(first[1]) ?? "").slice(0, shownMaxLength);
}

/** Longer ones are no searches, and would only make a long page. */
const shownMaxLength = 2000;

export interface SearchParameters {
  readonly query: string;
  readonly offset: number;
  readonly cursor?: SearchCursor;
}

/**
 * The values of the parameters of these names. Others are ignored, since links pick some up on
 * their way, in whatever encoding.
 *
 * @throws {Problem} `bad-parameter`
 */
export function readParameters<Name extends string>(
  url: string,
  names: readonly Name[],
): ReadonlyMap<Name, string> {
  const values = new Map<Name, string>();
  for (const [name, value] of ownPairs(url, names)) {
    if (values.has(name)) {
      throw new Problem("bad-parameter", `Parameter "${name}" is given twice, wanted once`);
    }
    values.set(name, decodeValue(name, value));
  }
  return values;
}

/** Reads `q`, `o` and `c` of a search. @throws {Problem} `bad-parameter` */
export function readSearchParameters(url: string): SearchParameters {
  const values = readParameters(url, ["q", "o", "c"]);
  const cursor = values.get("c");
  if (cursor !== undefined && values.has("o")) {
    throw new Problem("bad-parameter", 'Parameters "o" and "c" are both given, wanted one of them');
  }
  return {
    query: checkQuery(values.get("q") ?? ""),
    offset: parseOffset(values.get("o") ?? "0"),
    ...(cursor !== undefined && { cursor: parseCursor(cursor) }),
  };
}

/**
 * Our parameters, their values still encoded. Neither URLSearchParams nor Hono's reader will do:
 * one turns a malformed text into another, the other leaves it encoded.
 */
function ownPairs<Name extends string>(
  url: string,
  names: readonly Name[],
): readonly (readonly [name: Name, value: string])[] {
  const start = url.indexOf("?");
  if (start < 0) return [];
  const [search = ""] = url.slice(start + 1).split("#", 1);
  const pairs: [Name, string][] = [];
  for (const pair of search.split("&")) {
    const end = pair.indexOf("=");
    const text = end < 0 ? pair : pair.slice(0, end);
    const decoded = decode(text);
    const name = names.find((each) => each === decoded);
    if (name !== undefined) pairs.push([name, pair.slice(text.length + 1)]);
  }
  return pairs;
}

/** Nothing in it is encoded: most names and values. */
const plain = /^[\w.~-]*$/;

/** Undefined where it is not percent-encoded UTF-8. */
function decode(text: string): string | undefined {
  if (plain.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function decodeValue(name: string, text: string): string {
  const value = decode(text);
  if (value !== undefined) return value;
  throw new Problem(
    "bad-parameter",
    `Parameter "${name}" is not percent-encoded UTF-8, wanted % before two hexadecimal digits`,
  );
}

function checkQuery(query: string): string {
  // No text has more code points than code units, so most need no counting.
  const length = query.length <= searchLimits.queryMaxCharacters ? 0 : [...query].length;
  if (length > searchLimits.queryMaxCharacters) {
    throw new Problem(
      "bad-parameter",
      `Parameter "q" has ${length} characters, wanted at most ${searchLimits.queryMaxCharacters}`,
      {
        sentence:
          `Your search has ${length} characters. It may have ${searchLimits.queryMaxCharacters}: please shorten it.`,
      },
    );
  }
  return query;
}

function parseOffset(text: string): number {
  const offset = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (offset <= searchLimits.offsetMax) return offset;
  throw new Problem(
    "bad-parameter",
    `Parameter "o" is ${
      JSON.stringify(text.slice(0, 50))
    }, wanted a whole number from 0 to ${searchLimits.offsetMax}`,
  );
}

/** Place, id and page, as links to a next page have them. */
function parseCursor(text: string): SearchCursor {
  const [, place, id, page] = (/^([012])-(\d{1,16})-([1-9]\d{0,8})$/.exec(text) ?? []).map(Number);
  const known = ([0, 1, 2] as const).find((each) => each === place);
  if (
    known !== undefined && id !== undefined && Number.isSafeInteger(id) && page !== undefined &&
    page > 1
  ) {
    return { place: known, id, page };
  }
  throw new Problem(
    "bad-parameter",
    `Parameter "c" is ${
      JSON.stringify(text.slice(0, 50))
    }, wanted one that a link to a next page has`,
  );
}
