import { booksOf } from "../../ports/book_catalogue.ts";
import type { SearchBooksResult } from "../../use_cases/search_books.ts";
import { bookCard } from "./book_card.ts";
import { keepRendered } from "./keep_rendered.ts";
import { type Markup, markup } from "./markup.ts";

/** The books of a page, each as a card. @param start The number of the first. */
export const bookList = ({ json }: SearchBooksResult, start: number): Markup =>
  markup`<ol class="books" start="${start}">${cardsOf(json)}</ol>`;

/** What cards may take that are kept. */
const keptBytes = 8 * 2 ** 20;

const cardsOf = keepRendered(
  (json) => markup`${booksOf({ json }).map((book) => markup`<li>${bookCard(book)}</li>`)}`,
  keptBytes,
);
