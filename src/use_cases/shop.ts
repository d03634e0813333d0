import type { AddBook, GetBook, RemoveBook, UpdateBook } from "./shelf.ts";
import type { EventReceipts } from "./event_receipts.ts";
import type { GetHighlights } from "./highlights.ts";
import type { Readiness } from "./readiness.ts";
import type { Recommendations } from "./recommendations.ts";
import type { SearchBooks } from "./search_books.ts";
import type { Trends } from "./trends.ts";

/** What the shop can do, as its doors (HTTP today) need it. */
export interface Shop {
  readonly searchBooks: SearchBooks;
  readonly getBook: GetBook;
  readonly addBook: AddBook;
  readonly updateBook: UpdateBook;
  readonly removeBook: RemoveBook;
  /** Absent: this shop keeps none. */
  readonly trends?: Trends | undefined;
  /** Absent: this shop keeps none. */
  readonly recommendations?: Recommendations | undefined;
  readonly highlights: GetHighlights;
  readonly receipts: Pick<EventReceipts, "find">;
  readonly readiness: Pick<Readiness, "check">;
}
