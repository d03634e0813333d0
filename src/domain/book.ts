/**
 * A book of the catalogue, in the shape in which it is answered, stored in events, and read by
 * foreign services.
 */
export interface Book {
  /** From 1 on, given by the catalogue. */
  readonly id: number;
  /** Not blank. */
  readonly title: string;
  /** One or several names, separated by ", ". */
  readonly author: string;
  /** A year (`"1997"`, `"-750"` for 750 BCE) or a date (`"1997-06-26"`); null where unknown. */
  readonly published_at: string | null;
  /** Plain text; empty where there is none. */
  readonly description: string;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly created_at: string;
}

/** A book before the catalogue has given it an id and a time. */
export interface NewBook extends Omit<Book, "id" | "created_at"> {
  /**
   * 13 digits; searches find the book by it. It stays with the catalogue: answers and events do not
   * have it.
   */
  readonly isbn?: string | null;
}

/** Lengths in UTF-16 code units; the longest author list of the starter shelf has 742. */
export const bookLimits = { titleMax: 500, authorMax: 1000, descriptionMax: 4000 } as const;
