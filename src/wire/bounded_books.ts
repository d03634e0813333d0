/** The books of an event whose page is too large for one: the same books, with shorter texts. */
import type { Book } from "../domain/book.ts";

/** A page that fits, and whether texts had to be shortened for it. */
export interface BoundedBooks {
  readonly json: Uint8Array<ArrayBuffer>;
  readonly isShortened: boolean;
}

/** The least bound that 100 books fit into, whatever stands in them. */
export const leastEventBytes = 32_768;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Of a page within the bound, its own bytes. Else descriptions are cut, the longest first, to as
 * much as there is room for; where that is not enough, authors and titles too. Never fewer books.
 */
export function boundedBooks(json: Uint8Array<ArrayBuffer>, maxBytes: number): BoundedBooks {
  if (json.length <= maxBytes) return { json, isShortened: false };
  let books: Book[] = JSON.parse(decoder.decode(json));
  for (const fields of [["description"], ["author"], ["title"]] as const) {
    for (const field of fields) books = shortened(books, field, maxBytes);
    if (bytesOf(books) <= maxBytes) break;
  }
  return { json: encoder.encode(JSON.stringify(books)), isShortened: true };
}

const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;
/** Of a text inside JSON, without its quotes. */
const textBytes = (text: string): number => bytesOf(text) - 2;

function shortened(
  books: readonly Book[],
  field: "description" | "author" | "title",
  maxBytes: number,
): Book[] {
  const lengths = books.map((book) => textBytes(book[field]));
  const others = bytesOf(books) - lengths.reduce((sum, length) => sum + length, 0);
  const bound = fairShare(lengths, maxBytes - others);
  return books.map((book, n) =>
    (lengths[n] ?? 0) <= bound ? book : { ...book, [field]: cut(book[field], bound) }
  );
}

/** The longest that each may be so that all together are within `budget`. */
function fairShare(lengths: readonly number[], budget: number): number {
  let left = Math.max(0, budget);
  const sorted = lengths.toSorted((a, b) => a - b);
  for (const [n, length] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - n));
    if (length > share) return share;
    left -= length;
  }
  return Infinity;
}

const ellipsis = "…";

/** Between characters, with "…" where something is missing and there is room for it. */
function cut(text: string, maxBytes: number): string {
  const room = maxBytes - textBytes(ellipsis);
  if (room < 0) return "";
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += textBytes(character);
    if (bytes > room) break;
    end += character.length;
  }
  return text.slice(0, end) + ellipsis;
}
