import type { Connection } from "mysql2/promise";
import { select } from "./book_queries.ts";

/**
 * How frequent grams are, about: remembered, because it changes slowly and only decides where to
 * begin.
 */
export interface GramCounts {
  /** Asks for those that are not known yet. */
  learn(connection: Connection, grams: readonly string[]): Promise<void>;
  /** About how many books have it; as if frequent where it is not known. */
  frequency(gram: string): number;
}

/** Behind so many books, a gram is just frequent. */
const countMax = 20_000;
/** Some 2 MB. */
const rememberedMax = 20_000;
/** A longer query has enough others. */
const learnedAtOnceMax = 60;

export function rememberGramCounts(): GramCounts {
  const counts = new Map<string, number>();

  return {
    async learn(connection, grams) {
      const unknown = [...new Set(grams)].filter((gram) => !counts.has(gram))
        .slice(0, learnedAtOnceMax);
      if (unknown.length === 0 || grams.length < 2) return;
      if (counts.size > rememberedMax) counts.clear();
      const one = "SELECT COUNT(*) AS books FROM " +
        `(SELECT 1 FROM shelfcast_grams WHERE gram = ? LIMIT ${countMax}) AS g`;
      const rows = await select(connection, unknown.map(() => one).join(" UNION ALL "), unknown);
      unknown.forEach((gram, index) => counts.set(gram, Number(rows[index]?.books ?? 0)));
    },
    frequency: (gram) => counts.get(gram) ?? countMax,
  };
}
