/** The shop's page: the search field, the books, the event of the search. */
import { searchLimits } from "../../domain/search_limits.ts";
import type { Highlights } from "../../use_cases/highlights.ts";
import type { SearchBooksResult, SearchEvent } from "../../use_cases/search_books.ts";
import { searchUrl } from "../exchange/search_request.ts";
import { bookList } from "./book_list.ts";
import { developersFold } from "./developers_fold.ts";
import { highlightsAside } from "./highlights_aside.ts";
import { layout } from "./layout.ts";
import { type Markup, markup, type Part } from "./markup.ts";

export interface SearchPageProps {
  /** As typed. */
  readonly query: string;
  readonly result: SearchBooksResult;
  readonly highlights: Highlights;
}

export function searchPage({ query, result, highlights }: SearchPageProps): Markup {
  const { event, isComplete, count } = result;
  const offset = offsetOf(result);
  const typed = query.trim();
  const isSearch = typed !== "";
  const title = isSearch ? `${typed} · Shelfcast` : "Shelfcast: find a book";
  return layout(
    { title, query },
    markup`
      ${!isSearch && highlightsAside(highlights)}
      <div class="heading">
        <h1>${isSearch ? markup`Books for &ldquo;<bdi>${typed}</bdi>&rdquo;` : "On the shelf"}</h1>
        ${count > 0 && markup`<p>${position(offset, result)}</p>`}
      </div>
      ${count === 0 ? noBooks(query, result) : bookList(result, offset + 1)}
      ${!isComplete && incompleteNotice()}
      ${pager(query, result)}
      ${isSearch && highlightsAside(highlights)}
      ${event !== undefined && eventNote(event)}`,
  );
}

const incompleteNotice = (): Markup =>
  markup`
    <p class="notice">
      These are not all: the search ended early, so as not to keep others waiting. The next page
      goes on from here.
    </p>`;

const noBooks = (query: string, result: SearchBooksResult): Markup =>
  markup`<div class="notice">${whyNone(query, result)}</div>`;

function whyNone(query: string, { isComplete, page }: SearchBooksResult): Markup {
  if (!isComplete) {
    return markup`<p>None of the books looked at so far has all of these words.</p>`;
  }
  if (page > 1) {
    return markup`
      <p>
        There are no more books. <a href="${searchUrl("/", query)}">Back to the first page</a>
      </p>`;
  }
  if (query.trim() === "") return markup`<p>The shelf is still empty.</p>`;
  return markup`
    <p>No book has all of these words in its title, author or description.</p>
    <p>Try fewer words, or <a href="/">look along the shelf</a>.</p>`;
}

function pager(query: string, result: SearchBooksResult): Part {
  const { next, page, count } = result;
  const before = offsetOf(result) - result.pageSize;
  // Further back than an offset may say leads the browser's own way.
  const hasPrevious = page > 1 && count > 0 && before <= searchLimits.offsetMax;
  if (!hasPrevious && next === undefined) return false;
  return markup`
    <nav class="pager" aria-label="Pages">
      ${hasPrevious && previousLink(searchUrl("/", query, { offset: Math.max(0, before) }))}
      ${next !== undefined && nextLink(searchUrl("/", query, { cursor: next }))}
    </nav>`;
}

const previousLink = (url: string): Markup =>
  markup`<a rel="prev" href="${url}">&larr; Previous page</a>`;

const nextLink = (url: string): Markup =>
  markup`<a class="next" rel="next" href="${url}">Next page &rarr;</a>`;

/** How many books the pages before this one have. */
function offsetOf({ page, pageSize }: SearchBooksResult): number {
  return (page - 1) * pageSize;
}

const eventNote = (event: SearchEvent): Markup =>
  developersFold(markup`
    <p class="event event-${event.status}">
      <span class="dot" aria-hidden="true"></span>
      ${eventText(event)} <code>${event.id}</code>
    </p>`);

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
