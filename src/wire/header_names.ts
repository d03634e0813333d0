/** CloudEvents 1.0, Kafka protocol binding, binary content mode: an attribute is the header `ce_` and its name. */
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
  traceparent: "traceparent",
  tracestate: "tracestate",
} as const;

export const booksSearchedType = "shelfcast.books.searched.v1";
