/** The shop's page: the search field, the books, the event of the search. */
import type { FC } from "hono/jsx";
import { searchLimits } from "../../domain/search_limits.ts";
import type { Highlights } from "../../use_cases/highlights.ts";
import type { SearchBooksResult, SearchEvent } from "../../use_cases/search_books.ts";
import { searchUrl } from "../exchange/search_request.ts";
import { BookList } from "./book_list.tsx";
import { DevelopersFold } from "./developers_fold.tsx";
import { HighlightsAside } from "./highlights_aside.tsx";
import { Layout } from "./layout.tsx";

export interface SearchPageProps {
  /** As typed. */
  readonly query: string;
  readonly result: SearchBooksResult;
  readonly highlights: Highlights;
}

export const SearchPage: FC<SearchPageProps> = ({ query, result, highlights }) => {
  const { event, isComplete } = result;
  const offset = offsetOf(result);
  const isSearch = query.trim() !== "";
  const title = isSearch ? `${query.trim()} · Shelfcast` : "Shelfcast: find a book";
  return (
    <Layout title={title} query={query}>
      {!isSearch && <HighlightsAside {...highlights} />}
      <div class="heading">
        <h1>
          {isSearch
            ? (
              <>
                Books for “<bdi>{query.trim()}</bdi>”
              </>
            )
            : "On the shelf"}
        </h1>
        {result.count > 0 && <p>{position(offset, result)}</p>}
      </div>
      {result.count === 0
        ? <NoBooks query={query} result={result} />
        : <BookList result={result} start={offset + 1} />}
      {!isComplete && (
        <p class="notice">
          These are not all: the search ended early, so as not to keep others waiting. The next page
          goes on from here.
        </p>
      )}
      <Pager query={query} result={result} />
      {isSearch && <HighlightsAside {...highlights} />}
      {event !== undefined && <EventNote event={event} />}
    </Layout>
  );
};

const NoBooks: FC<Omit<SearchPageProps, "highlights">> = ({ query, result }) => (
  <div class="notice">
    {!result.isComplete
      ? <p>None of the books looked at so far has all of these words.</p>
      : result.page > 1
      ? (
        <p>
          There are no more books. <a href={searchUrl("/", query)}>Back to the first page</a>
        </p>
      )
      : query.trim() === ""
      ? <p>The shelf is still empty.</p>
      : (
        <>
          <p>No book has all of these words in its title, author or description.</p>
          <p>
            Try fewer words, or <a href="/">look along the shelf</a>.
          </p>
        </>
      )}
  </div>
);

const Pager: FC<Omit<SearchPageProps, "highlights">> = ({ query, result }) => {
  const { next, page, count } = result;
  const offset = offsetOf(result);
  // Further back than an offset may say leads the browser's own way.
  const hasPrevious = page > 1 && count > 0 && offset - result.pageSize <= searchLimits.offsetMax;
  if (!hasPrevious && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {hasPrevious && (
        <a
          rel="prev"
          href={searchUrl("/", query, { offset: Math.max(0, offset - result.pageSize) })}
        >
          ← Previous page
        </a>
      )}
      {next !== undefined && (
        <a class="next" rel="next" href={searchUrl("/", query, { cursor: next })}>Next page →</a>
      )}
    </nav>
  );
};

/** How many books the pages before this one have. */
function offsetOf({ page, pageSize }: SearchBooksResult): number {
  return (page - 1) * pageSize;
}

const EventNote: FC<{ readonly event: SearchEvent }> = ({ event }) => (
  <DevelopersFold>
    <p class={`event event-${event.status}`}>
      <span class="dot" aria-hidden="true"></span>
      {eventText(event)} <code>{event.id}</code>
    </p>
  </DevelopersFold>
);

function eventText(event: SearchEvent): string {
  if (event.status === "accepted") return "This search is an event, accepted:";
  if (event.status === "pending") return "This search is an event, on its way to the queue:";
  return `The queue refused the event of this search (${event.reason}):`;
}

function position(offset: number, { count, next }: SearchBooksResult): string {
  const first = offset + 1;
  const last = offset + count;
  const range = first === last ? `Book ${first}` : `Books ${first} to ${last}`;
  return next !== undefined ? `${range}, and there are more` : `${range} of ${last}`;
}
