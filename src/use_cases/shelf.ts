import type { Book, NewBook } from "../domain/book.ts";
import type { BookCatalogue, ChangeRefusal } from "../ports/book_catalogue.ts";
import type { Telemetry } from "../ports/telemetry.ts";

/**
 * Puts a book, whose fields have been checked, on the shelf. @throws {StoreError} by rejection.
 */
export type AddBook = (book: NewBook) => Promise<Book>;

export interface ShelfOptions {
  readonly catalogue: BookCatalogue;
  readonly telemetry: Telemetry;
}

export function createAddBook({ catalogue, telemetry }: ShelfOptions): AddBook {
  return async (book) => {
    const added = await catalogue.add(book);
    telemetry.count("shelfcast.books.added");
    return added;
  };
}

/** The book with that id, or undefined. @throws {StoreError} by rejection. */
export type GetBook = (id: number) => Promise<Book | undefined>;

export function createGetBook(catalogue: BookCatalogue): GetBook {
  return (id) => catalogue.get(id);
}

/**
 * Puts other contents, whose fields have been checked, into a book.
 *
 * @param expected Only where the book is still this one.
 * @throws {StoreError} by rejection.
 */
export type UpdateBook = (
  id: number,
  book: NewBook,
  expected?: Book,
) => Promise<Book | ChangeRefusal>;

/** Takes a book off the shelf; parameters and faults as for `UpdateBook`. */
export type RemoveBook = (id: number, expected?: Book) => Promise<"removed" | ChangeRefusal>;

export function createUpdateBook({ catalogue, telemetry }: ShelfOptions): UpdateBook {
  return async (id, book, expected) => {
    const outcome = await catalogue.update(id, book, expected);
    if (typeof outcome !== "string") telemetry.count("shelfcast.books.updated");
    return outcome;
  };
}

export function createRemoveBook({ catalogue, telemetry }: ShelfOptions): RemoveBook {
  return async (id, expected) => {
    const outcome = await catalogue.remove(id, expected);
    if (outcome === "removed") telemetry.count("shelfcast.books.removed");
    return outcome;
  };
}
