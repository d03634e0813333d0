import type { Book, NewBook } from "../domain/book.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { Telemetry } from "../ports/telemetry.ts";

/**
 * Puts a book, whose fields have been checked, on the shelf. @throws {CatalogueError} by rejection.
 */
export type AddBook = (book: NewBook) => Promise<Book>;

export interface AddBookOptions {
  readonly catalogue: BookCatalogue;
  readonly telemetry: Telemetry;
}

export function createAddBook({ catalogue, telemetry }: AddBookOptions): AddBook {
  return async (book) => {
    const added = await catalogue.add(book);
    telemetry.count("shelfcast.books.added");
    return added;
  };
}

/** The book with that id, or undefined. @throws {CatalogueError} by rejection. */
export type GetBook = (id: number) => Promise<Book | undefined>;

export function createGetBook(catalogue: BookCatalogue): GetBook {
  return (id) => catalogue.get(id);
}
