import type { Book } from "../../domain/book.ts";

const encoder = new TextEncoder();

/** The ETag of a book's present contents (RFC 9110 §8.8.3), strong: other contents have another. */
export async function entityTag(book: Book): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(JSON.stringify(book)));
  return `"${new Uint8Array(digest, 0, 12).toHex()}"`;
}

/**
 * Whether `If-Match` or `If-None-Match` names the tag. One that is marked weak, by a proxy that has
 * compressed the answer, counts: our tags are made of the contents.
 */
export function isListed(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  // A tag is what stands in quotes, where a comma is one of its characters.
  return header.trim() === "*" || [...header.matchAll(/"[^"]*"/g)].some(([one]) => one === tag);
}
