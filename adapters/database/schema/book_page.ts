import type { BookPage } from "../../../src/ports/book_catalogue.ts";

const encoder = new TextEncoder();

/** @param books Each as JSON. */
export function bookPage(
  books: readonly string[],
  { next, isComplete = true }: Partial<Pick<BookPage, "next" | "isComplete">>,
): BookPage {
  const text = `[${books.join(",")}]`;
  return {
    json: encoder.encode(text),
    text,
    count: books.length,
    isComplete,
    ...(next !== undefined && { next }),
  };
}

/**
 * The page of a list that asked for one book more than `limit`: that one only tells that there are
 * more.
 */
export function listPage(
  found: readonly { readonly id: number; readonly json: string }[],
  limit: number,
): BookPage {
  const books = found.slice(0, limit);
  const last = books.at(-1);
  const next = found.length > limit && last !== undefined
    ? { place: 2, id: last.id } as const
    : undefined;
  return bookPage(books.map(({ json }) => json), { ...(next !== undefined && { next }) });
}
