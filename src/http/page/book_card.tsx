import type { FC } from "hono/jsx";
import type { Book } from "../../domain/book.ts";

/** How many cover colours the stylesheet has. */
const coverColours = 6;

export const BookCard: FC<{ readonly book: Book }> = ({ book }) => (
  <article class="book" dir="auto">
    <div class={`cover cover-${book.id % coverColours}`} aria-hidden="true">
      {firstCharacter(book.title)}
    </div>
    <div class="about">
      <h2 dir="auto">{book.title}</h2>
      <p class="by" dir="auto">
        {book.author}
        {book.published_at !== null && (
          <span class="year">{` · ${publishedText(book.published_at)}`}</span>
        )}
      </p>
      {book.description !== "" && <p class="description" dir="auto">{book.description}</p>}
    </div>
  </article>
);

/** Of the first word that tells books apart. */
function firstCharacter(title: string): string {
  const [first = "?"] = /[\p{L}\p{N}]/u.exec(title.replace(/^(the|an?) /i, "")) ?? [];
  return first.toUpperCase();
}

function publishedText(publishedAt: string): string {
  return publishedAt.startsWith("-") ? `${publishedAt.slice(1)} BCE` : publishedAt;
}
