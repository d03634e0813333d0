import type { FC } from "hono/jsx";
import type { Highlights } from "../../use_cases/highlights.ts";
import { searchUrl } from "../exchange/search_request.ts";
import { renderOnce } from "./render_once.ts";

/** What others search for, and what this visitor may like; nothing where there is neither. */
export const HighlightsAside: FC<Highlights> = ({ trending, recommended }) => {
  if (trending.length === 0 && recommended.length === 0) return null;
  return (
    <aside class="highlights">
      {trending.length > 0 && trendingSection(trending)}
      {recommended.length > 0 && (
        <section aria-labelledby="recommended">
          <h2 id="recommended">Recommended for you</h2>
          <ul class="titles">
            {recommended.map(({ title, author }) => (
              <li dir="auto">
                <a href={searchUrl("/", firstWords(title))}>{title}</a>{" "}
                <span class="by">{author}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
};

/** By the trends that it shows: those are the same for a second, and for everybody. */
const trendingSection = renderOnce((trending: Highlights["trending"]) =>
  String(
    <section aria-labelledby="trending">
      <h2 id="trending">Trending now</h2>
      <ul class="queries">
        {trending.map(({ query }) => (
          <li>
            <a href={searchUrl("/", query)} dir="auto">{query}</a>
          </li>
        ))}
      </ul>
    </section>,
  )
);

const linkMaxCharacters = 100;

/** As much of a title as a search may well have. */
function firstWords(title: string): string {
  const characters = [...title];
  if (characters.length <= linkMaxCharacters) return title;
  return characters.slice(0, linkMaxCharacters).join("").replace(/\S*$/, "");
}
