import type { Book, NewBook } from "../../src/domain/book.ts";
import { fold } from "../../src/domain/search_text.ts";
import {
  type BookCatalogue,
  type BookPage,
  healthBy,
  type PageRequest,
} from "../../src/ports/book_catalogue.ts";

/** A shelf in an array. With `fault` set, everything rejects with it. */
export interface ArrayCatalogue extends BookCatalogue {
  fault: Error | undefined;
}

export function createArrayCatalogue(newBooks: readonly Partial<NewBook>[] = []): ArrayCatalogue {
  const books: Book[] = [];
  const put = (book: Partial<NewBook>): Book => {
    const added: Book = {
      id: books.length + 1,
      title: "Untitled",
      author: "Anonymous",
      published_at: null,
      description: "",
      ...book,
      created_at: "2026-01-01 00:00:00",
    };
    books.push(added);
    return added;
  };
  newBooks.forEach(put);

  const catalogue: ArrayCatalogue = {
    fault: undefined,
    search: ({ words, ...page }) =>
      answer(() => pageOf(books.filter((book) => hasAll(book, words)), page)),
    list: (page) => answer(() => pageOf(books, page)),
    get: (id) => answer(() => books.find((book) => book.id === id)),
    add: (book) => answer(() => put(book)),
    health: () => healthBy(() => answer(() => undefined)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };

  function answer<T>(find: () => T): Promise<T> {
    return catalogue.fault === undefined
      ? Promise.resolve(find())
      : Promise.reject(catalogue.fault);
  }
  return catalogue;
}

function hasAll({ title, author, description }: Book, words: readonly string[]): boolean {
  return words.every((word) => [title, author, description].some((it) => fold(it).includes(word)));
}

function pageOf(books: readonly Book[], { offset, limit }: PageRequest): BookPage {
  return { books: books.slice(offset, offset + limit), hasMore: books.length > offset + limit };
}
