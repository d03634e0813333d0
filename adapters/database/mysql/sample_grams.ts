/**
 * How frequent grams are, from books that stand far apart: counted in the server, each gram that a
 * query brings would cost it a walk through up to all of the books.
 */
import type { Connection, RowDataPacket } from "mysql2/promise";
import { type GramShares, sharesIn } from "../schema/gram_shares.ts";
import { bookGrams } from "../schema/grams.ts";
import { select } from "./book_queries.ts";

/** Of a hundred books one, within these bounds. */
const oneOf = 100;
const fewestBooks = 2_000;
const mostBooks = 10_000;

/** How frequent grams are, and about how many books there are. */
export interface ShelfShares extends GramShares {
  readonly books: number;
}

/** Before anything is known. */
export const guessedShares: ShelfShares = { ...sharesIn(undefined), books: Infinity };

/** A sample that is being taken, some books at a time. */
export interface GramSample {
  /**
   * Reads the next books, at most so many.
   *
   * @returns What they tell, once all are read; guesses where they are too few to tell.
   */
  step(connection: Connection, most: number): Promise<ShelfShares | undefined>;
}

export function sampleGrams(): GramSample {
  const counts = new Map<string, number>();
  const sampled = new Set<number>();
  let lastId: number | undefined;
  let asked = 0;

  return {
    async step(connection, most) {
      const last = lastId ??= await lastForm(connection);
      if (last < fewestBooks) return { ...guessedShares, books: last };
      const wanted = Math.min(Math.max(fewestBooks, Math.ceil(last / oneOf)), mostBooks);
      const next = Math.min(asked + most, wanted);
      const ids: number[] = [];
      while (asked < next) ids.push(1 + Math.floor((asked++ + uneven(asked)) * last / wanted));
      // The next one that there is: ids may have gaps.
      const one =
        "(SELECT id, title_key, text FROM shelfcast_forms WHERE id >= ? ORDER BY id LIMIT 1)";
      const [rows] = await connection.query<RowDataPacket[]>(
        ids.map(() => one).join(" UNION ALL "),
        ids,
      );
      for (const { id, title_key, text } of rows) {
        if (sampled.has(Number(id))) continue;
        sampled.add(Number(id));
        for (const gram of bookGrams({ titleKey: String(title_key), text: String(text) })) {
          counts.set(gram, (counts.get(gram) ?? 0) + 1);
        }
      }
      if (asked < wanted) return undefined;
      // Where ids have great gaps, the same books come again and again.
      if (sampled.size < wanted / 2) return guessedShares;
      // Of a gram that none of them has, one in four times as many.
      const rare = 1 / (4 * sampled.size);
      return { of: (gram) => (counts.get(gram) ?? 0) / sampled.size || rare, books: last };
    },
  };
}

/** From 0 to 1, so that what comes again with each thousandth book is not always met or missed. */
const uneven = (index: number): number => index * 0.618_033_988_75 % 1;

async function lastForm(connection: Connection): Promise<number> {
  const [row] = await select(
    connection,
    `SELECT MAX(id) AS id FROM shelfcast_forms WHERE id <= ${Number.MAX_SAFE_INTEGER}`,
  );
  return Number(row?.id ?? 0);
}
