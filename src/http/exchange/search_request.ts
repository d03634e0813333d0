/** What a GET asks of the search, and what its answer tells of it, for the API and the page. */
import type {
  SearchBooksRequest,
  SearchBooksResult,
  SearchCursor,
} from "../../use_cases/search_books.ts";
import type { AnswerHeaders } from "./answer.ts";
import { readSearchParameters } from "./query_parameters.ts";
import { readTraceContext } from "./trace_context.ts";
import type { Visitor } from "./visitor.ts";

/**
 * What a GET asks of the search, the same for the API and the page. @throws {Problem}
 * `bad-parameter`
 */
export function readSearchRequest(
  { headers, method, url }: Request,
  visitor: Visitor | undefined,
): SearchBooksRequest {
  const trace = readTraceContext(headers);
  return {
    ...readSearchParameters(url),
    isEvent: method === "GET" && !isPrefetch(headers) && isOwn(headers),
    ...(visitor !== undefined && { visitorId: visitor.id, isUnproven: !visitor.isProven }),
    ...(trace !== undefined && { trace }),
  };
}

/**
 * Nobody has searched yet where a browser only looks ahead
 * (https://fetch.spec.whatwg.org/#sec-purpose-header).
 */
function isPrefetch(headers: Headers): boolean {
  return saysPrefetch(headers.get("Sec-Purpose")) || saysPrefetch(headers.get("Purpose"));
}

const saysPrefetch = (purpose: string | null): boolean =>
  purpose !== null && /^\s*prefetch\b/i.test(purpose);

/**
 * A search that another site's page makes (an image, a frame, a link of its) is answered, and is no
 * event: it is not what the visitor asked for. Browsers say so
 * (https://www.w3.org/TR/fetch-metadata/), programs say nothing.
 */
function isOwn(headers: Headers): boolean {
  const site = headers.get("Sec-Fetch-Site");
  return site === null || site === "same-origin" || site === "none";
}

/**
 * `X-Event-Id` and `X-Event-Status` of an answer that is an event, `X-Search-Complete: false` of
 * one that may miss books; no answer of a search is stored on its way.
 */
export function searchHeaders({ event, isComplete }: SearchBooksResult): AnswerHeaders {
  return {
    "Cache-Control": "no-store",
    ...(!isComplete && { "X-Search-Complete": "false" }),
    ...(event !== undefined && {
      "X-Event-Id": event.id,
      "X-Event-Status": event.status === "refused"
        ? `refused; reason=${event.reason}`
        : event.status,
    }),
  };
}

/** Which page of a search is meant: by what was passed over, or by where an earlier page ended. */
export interface PageAddress {
  readonly offset?: number;
  readonly cursor?: SearchCursor;
}

/** The address of a page of a search; without `offset` and `cursor` the first. */
export function searchUrl(path: string, query: string, page: PageAddress = {}): string {
  const { offset = 0, cursor } = page;
  const parameters = [
    ...(query.trim() === "" ? [] : [`q=${encodeURIComponent(query)}`]),
    ...(cursor === undefined ? [] : [`c=${cursor.place}-${cursor.id}-${cursor.page}`]),
    ...(offset === 0 ? [] : [`o=${offset}`]),
  ];
  return parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
}
