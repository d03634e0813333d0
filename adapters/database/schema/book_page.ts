import type { Book } from "../../../src/domain/book.ts";
import type { BookPage } from "../../../src/ports/book_catalogue.ts";

/**
 * The page of a query that asked for one book more than `limit`: that one only tells that there are
 * more.
 */
export function bookPage(found: readonly Book[], limit: number): BookPage {
  return { books: found.slice(0, limit), hasMore: found.length > limit };
}
