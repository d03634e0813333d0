import { parse } from "csv-parse/sync";
import type { NewBook } from "../../../src/domain/book.ts";
import { parseIsbn } from "../../../src/domain/isbn.ts";

/** Columns of `goodbooks.csv`, all text; empty where unknown. */
interface Row {
  readonly title: string;
  readonly author: string;
  readonly published_year: string;
  readonly isbn: string;
  readonly language: string;
  readonly average_rating: string;
}

const languages = new Intl.DisplayNames("en", { type: "language" });

/**
 * The 10,000 books that a new shop begins with, the most popular first; about 50 ms. `LICENSE.md`
 * beside the file says whose they are.
 */
export function readStarterShelf(): readonly NewBook[] {
  const text = Deno.readTextFileSync(new URL("./goodbooks.csv", import.meta.url));
  const rows: Row[] = parse(text, { columns: true });
  return rows.map((row) => ({
    title: row.title,
    author: row.author,
    published_at: row.published_year === "" ? null : row.published_year,
    description: describe(row),
    isbn: parseIsbn(row.isbn) ?? null,
  }));
}

/** From which average rating on a book is said to be so. Some 1,000 to 2,000 books share each. */
const praise: readonly (readonly [from: number, words: string])[] = [
  [4.4, "Loved by nearly everybody"],
  [4.25, "Praised highly"],
  [4.12, "Much admired"],
  [4.03, "Widely enjoyed"],
  [3.94, "Well liked"],
  [3.83, "Quite popular"],
  [3.68, "Judged kindly"],
  [0, "Opinions differ"],
];

/**
 * `Much admired.`, and the language where it is not English: `Much admired, in French.`
 * Descriptions are searched, so there is no word that most books share and no digits: with "rated
 * 4.34 by 4,780,653 readers" every book would be found for "rat", and some for "1984".
 */
function describe({ average_rating, language }: Row): string {
  const words = praise.find(([from]) => Number(average_rating) >= from)?.[1] ?? "";
  if (language === "" || /^en(g$|-|$)/.test(language)) return `${words}.`;
  return `${words}, in ${language === "mul" ? "several languages" : languages.of(language)}.`;
}
