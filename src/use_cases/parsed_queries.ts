import { parseSearchQuery, type SearchQuery } from "../domain/search_query.ts";

const mostQueries = 1_000;
/** Longer ones are hardly asked twice, and would take much to keep. */
const keptLength = 100;

/** Parses as `parseSearchQuery` does, once what is asked again and again. */
export function createQueryParser(): (typed: string) => SearchQuery | undefined {
  const known = new Map<string, SearchQuery | undefined>();

  return (typed) => {
    const found = known.get(typed);
    if (found !== undefined || known.has(typed)) return found;
    const parsed = parseSearchQuery(typed);
    if (typed.length <= keptLength) {
      // All at once: what is asked often is soon back, and to find the oldest costs more.
      if (known.size >= mostQueries) known.clear();
      known.set(typed, parsed);
    }
    return parsed;
  };
}
