import { readStarterShelf } from "../../adapters/database/starter_shelf/starter_shelf.ts";
import { createUuidV7 } from "../../src/domain/uuid.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import { titleWords } from "./shop_bench.ts";

const pageSize = 10;
const visitors = 5_000;

/**
 * Searches as a shop publishes them: pages of ten books of the starter shelf, a few words often and
 * many seldom, by so many visitors that most of them come a few times only.
 */
export function searchEvents(count: number): readonly EventRecord[] {
  const newId = createUuidV7(Date.now, () => crypto.randomUUID());
  const words = titleWords(4_000);
  const books = [...readStarterShelf()].map((book, n) => ({
    id: n + 1,
    title: book.title,
    author: book.author,
    published_at: book.published_at ?? null,
    description: book.description,
    created_at: "2026-01-02 03:04:05",
  }));
  return Array.from({ length: count }, (_, n) => {
    // Numbers without a pattern, the same in each run.
    const drawn = (n * 48_271 % 65_537) / 65_537;
    const word = Math.floor(words.length * drawn ** 3);
    const first = word * 13 % (books.length - pageSize);
    const visitor = (n * 7_919 % visitors).toString(16).padStart(12, "0");
    return encodeBooksSearched({
      id: newId(),
      query: words[word]!,
      page: 1,
      json: new TextEncoder().encode(JSON.stringify(books.slice(first, first + pageSize))),
      count: pageSize,
      searchedAt: Date.now(),
      visitorId: `9f8d4a52-3a37-4b7c-8d3e-${visitor}`,
    });
  });
}
