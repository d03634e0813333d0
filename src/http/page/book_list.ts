import type { Book } from "../../domain/book.ts";
import type { SearchBooksResult } from "../../use_cases/search_books.ts";
import { bookCard } from "./book_card.ts";
import { keepRendered } from "./keep_rendered.ts";
import { type Markup, markup } from "./markup.ts";

/** The books of a page, each as a card. @param start The number of the first. */
export const bookList = (page: SearchBooksResult, start: number): Markup =>
  markup`<ol class="books" start="${start}">${cardsOf(page)}</ol>`;

/** What cards may take that are kept. */
const keptBytes = 8 * 2 ** 20;

const cardsOf = keepRendered(({ text }: SearchBooksResult) => {
  const books: readonly Book[] = JSON.parse(text);
  return markup`${books.map((book) => markup`<li>${bookCard(book)}</li>`)}`;
}, keptBytes);
