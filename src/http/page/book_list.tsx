import { raw } from "hono/html";
import type { FC } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import { booksOf } from "../../ports/book_catalogue.ts";
import type { SearchBooksResult } from "../../use_cases/search_books.ts";
import { BookCard } from "./book_card.tsx";

/** The books of a page, each as a card. @param start The number of the first. */
export const BookList: FC<{ readonly result: SearchBooksResult; readonly start: number }> = (
  { result, start },
) => <ol class="books" start={start}>{cardsOf(result)}</ol>;

/**
 * Cards by the books that they show: a catalogue that keeps a page answers with the same bytes, and
 * to decode and render them is most of what a page costs. They go when the bytes go.
 */
const rendered = new WeakMap<SearchBooksResult["json"], HtmlEscapedString>();

function cardsOf(result: SearchBooksResult): HtmlEscapedString {
  const known = rendered.get(result.json);
  if (known !== undefined) return known;
  const cards = raw(
    booksOf(result).map((book) =>
      String(
        <li>
          <BookCard book={book} />
        </li>,
      )
    ).join(""),
  );
  rendered.set(result.json, cards);
  return cards;
}
