/** The shop's page: the search field, the books, the event of the search. */
import type { FC } from "hono/jsx";
import type { SearchBooksResult, SearchEvent } from "../../use_cases/search_books.ts";
import { searchUrl } from "../search_request.ts";
import { BookCard } from "./book_card.tsx";
import { DevelopersFold } from "./developers_fold.tsx";
import { Layout } from "./layout.tsx";

export interface SearchPageProps {
  /** As typed. */
  readonly query: string;
  readonly offset: number;
  readonly result: SearchBooksResult;
}

export const SearchPage: FC<SearchPageProps> = ({ query, offset, result }) => {
  const { books, event } = result;
  const isSearch = query.trim() !== "";
  const title = isSearch ? `${query.trim()} · Shelfcast` : "Shelfcast: find a book";
  return (
    <Layout title={title} query={query}>
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
        {books.length > 0 && <p>{position(offset, result)}</p>}
      </div>
      {books.length === 0
        ? <NoBooks query={query} offset={offset} />
        : (
          <ol class="books" start={offset + 1}>
            {books.map((book) => (
              <li>
                <BookCard book={book} />
              </li>
            ))}
          </ol>
        )}
      <Pager query={query} offset={offset} result={result} />
      {event !== undefined && <EventNote event={event} />}
    </Layout>
  );
};

const NoBooks: FC<Omit<SearchPageProps, "result">> = ({ query, offset }) => (
  <div class="notice">
    {offset > 0
      ? (
        <p>
          There are no more books. <a href={searchUrl("/", query, 0)}>Back to the first page</a>
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

const Pager: FC<SearchPageProps> = ({ query, offset, result }) => {
  const { hasMore, nextOffset, pageSize, books } = result;
  const hasPrevious = offset > 0 && books.length > 0;
  if (!hasPrevious && !hasMore) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {hasPrevious && (
        <a rel="prev" href={searchUrl("/", query, Math.max(0, offset - pageSize))}>
          ← Previous page
        </a>
      )}
      {nextOffset !== undefined
        ? <a class="next" rel="next" href={searchUrl("/", query, nextOffset)}>Next page →</a>
        : hasMore && <p>There are more. Search with another word to see them.</p>}
    </nav>
  );
};

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

function position(offset: number, { books, hasMore }: SearchBooksResult): string {
  const first = offset + 1;
  const last = offset + books.length;
  const range = first === last ? `Book ${first}` : `Books ${first} to ${last}`;
  return hasMore ? `${range}, and there are more` : `${range} of ${last}`;
}
