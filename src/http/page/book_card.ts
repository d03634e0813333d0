import type { Book } from "../../domain/book.ts";
import { type Markup, markup } from "./markup.ts";

/** How many cover colours the stylesheet has. */
const coverColours = 6;

export const bookCard = ({ id, title, author, published_at, description }: Book): Markup =>
  markup`
    <article class="book" dir="auto">
      <div class="cover cover-${id % coverColours}" aria-hidden="true">
        ${firstCharacter(title)}
      </div>
      <div class="about">
        <h2 dir="auto">${title}</h2>
        <p class="by" dir="auto">
          ${author}
          ${
    published_at !== null && markup`<span class="year"> · ${publishedText(published_at)}</span>`
  }
        </p>
        ${description !== "" && markup`<p class="description" dir="auto">${description}</p>`}
      </div>
    </article>`;

/** Of the first word that tells books apart. */
function firstCharacter(title: string): string {
  const [first = "?"] = /[\p{L}\p{N}]/u.exec(title.replace(/^(the|an?) /i, "")) ?? [];
  return first.toUpperCase();
}

function publishedText(publishedAt: string): string {
  return publishedAt.startsWith("-") ? `${publishedAt.slice(1)} BCE` : publishedAt;
}
