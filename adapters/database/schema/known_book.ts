import type { NewBook } from "../../../src/domain/book.ts";
import { comparable, titleKey } from "../../../src/domain/search_form.ts";

/** The author as two books' are compared when an import asks whether they are the same. */
export function comparedAuthor({ author }: Pick<NewBook, "author">): string {
  return titleKey(comparable(author));
}
