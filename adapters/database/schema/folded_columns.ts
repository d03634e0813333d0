/** What a database stores of a book beside its texts, for searching. */
import type { NewBook } from "../../../src/domain/book.ts";
import { fold, normaliseQuery } from "../../../src/domain/search_text.ts";
import { CatalogueError, type SearchRequest } from "../../../src/ports/book_catalogue.ts";

/*
 * What searches compare: folded UTF-8 bytes in binary columns. Bytes know no collation, no padding,
 * no wildcards and no NUL that ends a text, and a byte-wise match of UTF-8 in UTF-8 is a match of
 * whole characters.
 */

const encoder = new TextEncoder();

/**
 * Never part of UTF-8: as a separator no word matches across it, as an upper bound it is behind
 * every continuation.
 */
const beyondUtf8 = 0xff;

export interface FoldedColumns {
  /**
   * For the order: equal to a phrase, begins with it. White space is normalised as it is in a
   * phrase.
   */
  readonly title: Uint8Array<ArrayBuffer>;
  /** Title, author and description, for the words. */
  readonly text: Uint8Array<ArrayBuffer>;
}

/**
 * @throws {CatalogueError} `failed` where a text is not well-formed: it has no UTF-8 and would come
 *   back as another.
 */
export function foldedColumns(book: NewBook): FoldedColumns {
  const { title, author, description, published_at } = book;
  for (const [name, text] of Object.entries({ title, author, description, published_at })) {
    if (text?.isWellFormed() === false) {
      throw new CatalogueError(
        "failed",
        `Book's "${name}" has a lone surrogate, wanted well-formed Unicode`,
      );
    }
  }
  return {
    title: encoder.encode(normaliseQuery(title)),
    text: join([title, author, description].map((text) => encoder.encode(fold(text)))),
  };
}

export interface SearchPattern {
  /** All of them must stand in `FoldedColumns.text`. */
  readonly words: readonly Uint8Array<ArrayBuffer>[];
  /**
   * A title equals the phrase where it equals `from`, and starts with it where `from <= title <
   * to`.
   */
  readonly from: Uint8Array<ArrayBuffer>;
  readonly to: Uint8Array<ArrayBuffer>;
}

/** Undefined where no stored text can match, because the query is not well-formed. */
export function searchPattern(request: SearchRequest): SearchPattern | undefined {
  const { words, phrase } = request;
  if (!phrase.isWellFormed() || !words.every((word) => word.isWellFormed())) return undefined;
  const from = encoder.encode(phrase);
  // The longest first, because it turns most books away; a word within another asks nothing new.
  const wanted = words.toSorted((a, b) => b.length - a.length)
    .filter((word, index, all) => !all.slice(0, index).some((longer) => longer.includes(word)));
  return {
    words: wanted.map((word) => encoder.encode(word)),
    from,
    to: new Uint8Array([...from, beyondUtf8]),
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, -1));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
    if (at < joined.length) joined[at++] = beyondUtf8;
  }
  return joined;
}
