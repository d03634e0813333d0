import { StoreError } from "../../../src/ports/store_error.ts";

/** Why a book was not added. */
export const fullShelf = (maxBooks: number): StoreError =>
  new StoreError(
    "full",
    `Shelf would have over "${maxBooks}" books, wanted at most "app.max_books"`,
  );
