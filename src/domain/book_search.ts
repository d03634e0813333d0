import type { Book } from "./book.ts";

/** The fact that somebody searched and what was found: one for each page that was answered. */
export interface BooksSearched {
  /** UUIDv7; the idempotency key of every consumer. */
  readonly id: string;
  /** As typed. */
  readonly query: string;
  /** 1 for the first page. */
  readonly page: number;
  /** The books of this page, in the order in which they were answered. */
  readonly books: readonly Book[];
  /** A UUID; absent where the visitor is not known. */
  readonly visitorId?: string;
  /** Whether the visitor's id is only what somebody says of themselves. Default: false. */
  readonly isUnproven?: boolean;
  /** Milliseconds since the epoch. */
  readonly searchedAt: number;
  readonly trace?: TraceContext;
}

/** W3C Trace Context, as it came with the request. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}
