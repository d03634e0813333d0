import { searchLimits } from "../domain/search_limits.ts";
import { Problem } from "./problem.ts";

export interface SearchParameters {
  readonly query: string;
  readonly offset: number;
}

/**
 * Reads `q` and `o` of a search. Other parameters are ignored, since links pick some up on their way.
 *
 * @throws {Problem} `bad-parameter`
 */
export function readSearchParameters(url: string): SearchParameters {
  const values = new Map<string, string>();
  for (const [name, value] of decodePairs(url)) {
    if (name !== "q" && name !== "o") continue;
    if (values.has(name)) {
      throw new Problem("bad-parameter", `Parameter "${name}" is given twice, wanted once`);
    }
    values.set(name, value);
  }
  return {
    query: checkQuery(values.get("q") ?? ""),
    offset: parseOffset(values.get("o") ?? "0"),
  };
}

/** Neither URLSearchParams nor Hono's reader will do: one turns a malformed text into another, the other leaves it encoded. */
function* decodePairs(url: string): Generator<[name: string, value: string]> {
  const start = url.indexOf("?");
  if (start < 0) return;
  const [search = ""] = url.slice(start + 1).split("#", 1);
  for (const pair of search.split("&")) {
    const [name = ""] = pair.split("=", 1);
    yield [decode(name), decode(pair.slice(name.length + 1))];
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Problem(
      "bad-parameter",
      "The query string is not percent-encoded UTF-8, wanted % before two hexadecimal digits",
    );
  }
}

function checkQuery(query: string): string {
  // No text has more code points than code units, so most need no counting.
  const length = query.length <= searchLimits.queryMaxCharacters ? 0 : [...query].length;
  if (length > searchLimits.queryMaxCharacters) {
    throw new Problem(
      "bad-parameter",
      `Parameter "q" has ${length} characters, wanted at most ${searchLimits.queryMaxCharacters}`,
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
