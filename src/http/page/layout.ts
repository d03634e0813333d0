import { searchLimits } from "../../domain/search_limits.ts";
import { type Markup, markup } from "./markup.ts";
import { stylesheetPath } from "./stylesheet.ts";

interface LayoutProps {
  readonly title: string;
  /** What stands in the search box. */
  readonly query: string;
}

/** What all pages have around them: the head, the search box, the foot. */
export const layout = ({ title, query }: LayoutProps, contents: Markup): Markup =>
  markup`
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="${stylesheetPath}">
      </head>
      <body>
        <a class="skip" href="#content">Skip to the books</a>
        <header class="top">
          <a class="brand" href="/">
            <img src="/favicon.svg" alt="" width="32" height="32">
            Shelfcast
          </a>
          <form role="search" action="/" method="get">
            <label for="q">Search by title, author or description</label>
            <div class="field">
              <input
                id="q"
                name="q"
                type="search"
                value="${query}"
                maxlength="${searchLimits.queryMaxCharacters}"
                dir="auto"
                autocomplete="off"
                placeholder="A title, an author, a word"
              >
              <button type="submit">Search</button>
            </div>
          </form>
        </header>
        <main id="content" tabindex="-1">${contents}</main>
        <footer class="foot">
          The starter shelf is made from
          ${" "}<a href="https://github.com/zygmuntz/goodbooks-10k">goodbooks-10k</a>, © its authors,
          under <a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>.
        </footer>
      </body>
    </html>`;
