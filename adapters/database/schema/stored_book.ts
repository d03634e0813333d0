import type { Book, NewBook } from "../../../src/domain/book.ts";
import { parseIsbn } from "../../../src/domain/isbn.ts";
import { searchForm } from "../../../src/domain/search_form.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { bookGrams } from "./grams.ts";

/** All that the index has of a book. */
export interface IndexedBook {
  readonly titleKey: string;
  readonly text: string;
  readonly isbn: string | null;
  /** The book as answers and events have it. */
  readonly json: string;
  readonly grams: readonly string[];
}

/** The book as a query would now answer it: its own fields and no other, in their order. */
export function storedBook(id: number, book: NewBook, created_at: string): Book {
  const { title, author, published_at, description } = book;
  return { id, title, author, published_at, description, created_at };
}

/** @param isbn As it stands in the table, where somebody may have written it in any form. */
export function indexedBook(book: Book, isbn: string | null | undefined): IndexedBook {
  const form = searchForm(book);
  return {
    ...form,
    isbn: parseIsbn(isbn ?? "") ?? null,
    json: JSON.stringify(book),
    grams: bookGrams(form),
  };
}

/**
 * @throws {StoreError} `failed` where a text is not well-formed: it has no UTF-8 and would come
 * back as another.
 */
export function checkWellFormed(book: NewBook): void {
  const { title, author, description, published_at } = book;
  for (const [name, text] of Object.entries({ title, author, description, published_at })) {
    if (text?.isWellFormed() === false) {
      throw new StoreError(
        "failed",
        `Book's "${name}" has a lone surrogate, wanted well-formed Unicode`,
      );
    }
  }
}
