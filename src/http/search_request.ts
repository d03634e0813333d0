import type { Context } from "hono";
import type { SearchBooksRequest, SearchBooksResult } from "../use_cases/search_books.ts";
import { readSearchParameters } from "./query_parameters.ts";
import { readTraceContext } from "./trace_context.ts";

/**
 * What a GET asks of the search, the same for the API and the page. @throws {Problem}
 * `bad-parameter`
 */
export function readSearchRequest(c: Context, visitorId: string | undefined): SearchBooksRequest {
  const { headers, method, url } = c.req.raw;
  const trace = readTraceContext(headers);
  return {
    ...readSearchParameters(url),
    isEvent: method === "GET" && !isPrefetch(headers),
    ...(visitorId !== undefined && { visitorId }),
    ...(trace !== undefined && { trace }),
  };
}

/**
 * Nobody has searched yet where a browser only looks ahead
 * (https://fetch.spec.whatwg.org/#sec-purpose-header).
 */
function isPrefetch(headers: Headers): boolean {
  return [headers.get("Sec-Purpose"), headers.get("Purpose")].some((purpose) =>
    purpose !== null && /^\s*prefetch\b/i.test(purpose)
  );
}

/**
 * `X-Event-Id` and `X-Event-Status` of an answer that is an event; no answer of a search is stored
 * on its way.
 */
export function setSearchHeaders(c: Context, { event }: SearchBooksResult): void {
  c.header("Cache-Control", "no-store");
  if (event === undefined) return;
  const { id, status } = event;
  c.header("X-Event-Id", id);
  c.header("X-Event-Status", status === "refused" ? `refused; reason=${event.reason}` : status);
}

/** The address of a page of a search. */
export function searchUrl(path: string, query: string, offset: number): string {
  const parameters = [
    ...(query.trim() === "" ? [] : [`q=${encodeURIComponent(query)}`]),
    ...(offset === 0 ? [] : [`o=${offset}`]),
  ];
  return parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
}
