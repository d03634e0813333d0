import type { Book, NewBook } from "../../../src/domain/book.ts";

/** The book as a query would now answer it: its own fields and no other, in their order. */
export function storedBook(id: number, book: NewBook, created_at: string): Book {
  const { title, author, published_at, description } = book;
  return { id, title, author, published_at, description, created_at };
}
