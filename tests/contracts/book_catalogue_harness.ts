import type { BookCatalogue } from "../../src/ports/book_catalogue.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** What the contract suite needs of a database adapter in order to judge it. One row an adapter. */
export interface CatalogueHarness {
  /**
   * Why the laws cannot run here (a service that is missing), or undefined. Printed; a failure
   * where CI is set.
   */
  readonly missing?: string;
  /** An empty place (a folder, a database of its own) in which catalogues can be opened. */
  prepare(): Promise<CataloguePlace>;
}

export interface CataloguePlace extends AsyncDisposable {
  /** Opens a catalogue on this place as a new process would, also while others are open. */
  open(options?: OpenCatalogueOptions): Promise<BookCatalogue>;
  /** Runs statements as another program would: somebody corrects books by hand. */
  execute(...statements: readonly string[]): Promise<unknown>;
}

export interface OpenCatalogueOptions {
  /** Default: `empty`. */
  readonly shelf?: "starter" | "empty";
  readonly onShelfProgress?: (loaded: number, total: number) => void;
  readonly clock?: Clock;
  readonly maxBooks?: number;
}
