import type { DatabaseSync } from "node:sqlite";
import { countShares, type SharedGrams } from "../schema/gram_shares.ts";
import { bookGrams } from "../schema/grams.ts";
import { lastId } from "./index_state.ts";
import { prepareOnce } from "./prepared.ts";

/** Some 50 ms. */
const sampledBooks = 2_000;

/** Counts the grams of books that stand far apart; undefined where there are too few to tell. */
export function sampleGrams(database: DatabaseSync): SharedGrams | undefined {
  const end = lastId(database);
  if (end < sampledBooks) return undefined;
  const next = prepareOnce(
    database,
    "SELECT title_key, text FROM shelfcast_forms WHERE id >= ? ORDER BY id LIMIT 1",
  );
  const sample = Array.from(
    { length: sampledBooks },
    (_, index) => next.get(Math.ceil((index + 1) * end / sampledBooks)),
  ).filter((form) => form !== undefined);
  return countShares(
    sample.map(({ title_key, text }) =>
      bookGrams({ titleKey: String(title_key), text: String(text) })
    ),
  );
}
