import type { Book } from "../domain/book.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";

/** The book with that id, or undefined. @throws {CatalogueError} by rejection. */
export type GetBook = (id: number) => Promise<Book | undefined>;

export function createGetBook(catalogue: BookCatalogue): GetBook {
  return (id) => catalogue.get(id);
}
