import type { FC } from "hono/jsx";
import { booksOf } from "../../ports/book_catalogue.ts";
import type { SearchBooksResult } from "../../use_cases/search_books.ts";
import { BookCard } from "./book_card.tsx";
import { renderOnce } from "./render_once.ts";

/** The books of a page, each as a card. @param start The number of the first. */
export const BookList: FC<{ readonly result: SearchBooksResult; readonly start: number }> = (
  { result, start },
) => <ol class="books" start={start}>{cardsOf(result.json)}</ol>;

/**
 * Cards by the books that they show: a catalogue that keeps a page answers with the same bytes, and
 * to decode and render them is most of what a page costs.
 */
const cardsOf = renderOnce((json: SearchBooksResult["json"]) =>
  booksOf({ json }).map((book) =>
    String(
      <li>
        <BookCard book={book} />
      </li>,
    )
  ).join("")
);
