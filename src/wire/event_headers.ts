import type { RecordHeader } from "../ports/event_record.ts";

/**
 * CloudEvents 1.0, Kafka protocol binding, binary content mode: an attribute is the header `ce_`
 * and its name.
 */
export const headerNames = {
  contentType: "content-type",
  specVersion: "ce_specversion",
  id: "ce_id",
  type: "ce_type",
  source: "ce_source",
  time: "ce_time",
  searchQuery: "ce_searchquery",
  searchPage: "ce_searchpage",
  resultCount: "ce_resultcount",
  shortened: "ce_shortened",
  visitorUnproven: "ce_visitorunproven",
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

export const booksSearchedType = "shelfcast.books.searched.v1";

const decoder = new TextDecoder();

/** The event's id, or undefined where the record has none: records of others need not be events. */
export function eventIdOf(headers: readonly RecordHeader[]): string | undefined {
  for (const [name, value] of headers) {
    if (name === headerNames.id) return decoder.decode(value ?? undefined) || undefined;
  }
  return undefined;
}
