import { normaliseQuery } from "../domain/search_text.ts";
import { isUuid } from "../domain/uuid.ts";

/** Who searched for what, as a record's key says it. */
export interface SearchKey {
  readonly query: string;
  readonly visitorId?: string;
}

/** `query`, or `query:uid` where the visitor is known. */
export function encodeSearchKey({ query, visitorId }: SearchKey): string {
  return visitorId === undefined ? query : `${query}:${visitorId}`;
}

/**
 * Splits a key at its last ":" if a UUID follows. A reader may have typed such a text; then only
 * the normalised query of the headers can tell that it is all query. Services that know keys only
 * write `query:` where the visitor is not known.
 */
export function decodeSearchKey(key: string, normalisedQuery?: string): SearchKey {
  if (normalisedQuery === undefined && key.endsWith(":")) return { query: key.slice(0, -1) };
  const colon = key.lastIndexOf(":");
  const visitorId = key.slice(colon + 1);
  if (colon < 0 || !isUuid(visitorId) || isAllQuery(key, visitorId, normalisedQuery)) {
    return { query: key };
  }
  return { query: key.slice(0, colon), visitorId };
}

/** Most queries end otherwise, and need not be compared by their normal form. */
const isAllQuery = (key: string, end: string, normalisedQuery = ""): boolean =>
  normalisedQuery.endsWith(end.toLowerCase()) && normaliseQuery(key) === normalisedQuery;
