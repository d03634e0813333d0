import type { Connection } from "mysql2/promise";
import { select } from "./book_queries.ts";

/**
 * How frequent grams are, about: remembered, because it changes slowly and only decides where to
 * begin.
 */
export interface GramCounts {
  rarestFirst(connection: Connection, grams: readonly string[]): Promise<readonly string[]>;
}

/** Behind so many books, a gram is just frequent. */
const countMax = 20_000;
/** Some 2 MB. */
const rememberedMax = 20_000;

export function rememberGramCounts(): GramCounts {
  const counts = new Map<string, number>();

  return {
    async rarestFirst(connection, grams) {
      if (grams.length < 2) return grams;
      const unknown = grams.filter((gram) => !counts.has(gram));
      if (unknown.length > 0) {
        if (counts.size > rememberedMax) counts.clear();
        const one = "SELECT COUNT(*) AS books FROM " +
          `(SELECT 1 FROM shelfcast_grams WHERE gram = ? LIMIT ${countMax}) AS g`;
        const rows = await select(connection, unknown.map(() => one).join(" UNION ALL "), unknown);
        unknown.forEach((gram, index) => counts.set(gram, Number(rows[index]?.books ?? 0)));
      }
      const countOf = (gram: string): number => counts.get(gram) ?? 0;
      return grams.toSorted((a, b) => countOf(a) - countOf(b));
    },
  };
}
