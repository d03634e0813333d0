import type { Highlights } from "../../use_cases/highlights.ts";
import { searchUrl } from "../exchange/search_request.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import { renderOnce } from "./render_once.ts";

/** What others search for, and what this visitor may like; nothing where there is neither. */
export function highlightsAside({ trending, recommended }: Highlights): Part {
  if (trending.length === 0 && recommended.length === 0) return false;
  return markup`
    <aside class="highlights">
      ${trending.length > 0 && trendingSection(trending)}
      ${recommended.length > 0 && recommendedSection(recommended)}
    </aside>`;
}

/** By the trends that it shows: those are the same for a second, and for everybody. */
const trendingSection = renderOnce((trending: Highlights["trending"]) =>
  markup`
    <section aria-labelledby="trending">
      <h2 id="trending">Trending now</h2>
      <ul class="queries">${trending.map(queryItem)}</ul>
    </section>`
);

const queryItem = ({ query }: Highlights["trending"][number]): Markup =>
  markup`<li><a href="${searchUrl("/", query)}" dir="auto">${query}</a></li>`;

const recommendedSection = (recommended: Highlights["recommended"]): Markup =>
  markup`
    <section aria-labelledby="recommended">
      <h2 id="recommended">Recommended for you</h2>
      <ul class="titles">${recommended.map(titleItem)}</ul>
    </section>`;

const titleItem = ({ title, author }: Highlights["recommended"][number]): Markup =>
  markup`
    <li dir="auto">
      <a href="${searchUrl("/", firstWords(title))}">${title}</a> <span class="by">${author}</span>
    </li>`;

const linkMaxCharacters = 100;

/** As much of a title as a search may well have. */
function firstWords(title: string): string {
  // No more characters than units of the text.
  if (title.length <= linkMaxCharacters) return title;
  const characters = [...title];
  if (characters.length <= linkMaxCharacters) return title;
  return characters.slice(0, linkMaxCharacters).join("").replace(/\S*$/, "");
}
