/** The port of the shelf: what a catalogue answers, and how it says that it cannot. */
import type { Book, NewBook } from "../domain/book.ts";
import { CodedError } from "./coded_error.ts";

export type { Book, NewBook };

/**
 * The shelf. Every promise rejects with a `CatalogueError` and with nothing else.
 *
 * Text is found by its folded form (`domain/search_text.ts`), computed by the adapter when it
 * stores a book and compared as bytes, so that all databases find the same books.
 */
export interface BookCatalogue extends AsyncDisposable {
  /**
   * A page of the books whose title, author or description contain every word, wherever in them the
   * word stands (each word may stand in another of the three). Order: titles equal to `phrase`,
   * titles that start with it, the rest; each by id. Words and phrase are searched literally,
   * whatever characters they are made of.
   */
  search(request: SearchRequest): Promise<BookPage>;
  /** A page of all books, by id. */
  list(request: PageRequest): Promise<BookPage>;
  /** The book, or undefined where there is none with that id (a whole number from 1 on). */
  get(id: number): Promise<Book | undefined>;
  /** Adds a book, durably. Lengths have been checked by the caller. */
  add(book: NewBook): Promise<Book>;
  /**
   * Whether a query would be answered now, and if not, why; resolves within a second, never
   * rejects.
   */
  health(): Promise<CatalogueHealth>;
}

/** As a queue's (`queue_health.ts`). `degraded`: a query would be refused with that code. */
export type CatalogueHealth =
  | { readonly status: "ok" }
  | {
    readonly status: "degraded";
    readonly reason: CatalogueErrorCode;
    /** For operators: what is, and what to do about it. No secrets. */
    readonly detail: string;
  };

/** What a catalogue is that asks itself a question and gets this answer. */
export async function healthBy(ask: () => Promise<unknown>): Promise<CatalogueHealth> {
  try {
    await ask();
    return { status: "ok" };
  } catch (error) {
    const fault = error instanceof CatalogueError
      ? error
      : new CatalogueError("failed", "Catalogue broke its contract", { cause: error });
    const { code: reason, message, cause } = fault;
    const detail = cause instanceof CatalogueError ? `${message}: ${cause.message}` : message;
    return { status: "degraded", reason, detail };
  }
}

/** Which part of a sequence of books is wanted. */
export interface PageRequest {
  /** How many books to pass over, from 0 on. */
  readonly offset: number;
  /** How many books to answer at most, from 1 on. */
  readonly limit: number;
}

/** What is searched; see `BookCatalogue.search`. */
export interface SearchRequest extends PageRequest {
  /** Folded, at least one, none empty. */
  readonly words: readonly string[];
  /** The whole query, folded and with its white space normalised. */
  readonly phrase: string;
}

/** A part of a sequence of books. */
export interface BookPage {
  /** At most `limit`, in order; none behind the end. */
  readonly books: readonly Book[];
  /** Whether there are more behind them. */
  readonly hasMore: boolean;
}

/**
 * `unavailable`: the database is away or over-busy, trying again may help. `failed`: anything else.
 * The cause is kept.
 */
export type CatalogueErrorCode = "unavailable" | "failed";

/** The only error that a catalogue's promises reject with. */
export class CatalogueError extends CodedError<CatalogueErrorCode> {
  /** Survives minification and structured logging. */
  override readonly name = "CatalogueError";
}
