/**
 * The form in which text is compared: NFC, lower case. It is computed here, stored beside the text
 * and compared as bytes, because databases disagree: MariaDB's collations find ZAFÓN for "zafon",
 * SQLite's LIKE not even for "zafón".
 */
export function fold(text: string): string {
  // Lower-casing can denormalise (İ becomes i + U+0307), so NFC comes last; it gives Σ two forms by
  // its place in a word.
  return text.toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

/** The folded words of a query, without repeats; none for a blank query. */
export function searchWords(query: string): readonly string[] {
  return [...new Set(fold(query).split(/\s+/u).filter((word) => word !== ""))];
}

/** Most queries; they are their own normal form. */
const plainWords = /^[a-z0-9]+(?: [a-z0-9]+)*$/;

/**
 * A query folded, with runs of white space made one space: equal for searches that ask the same.
 */
export function normaliseQuery(query: string): string {
  if (plainWords.test(query)) return query;
  return fold(query).split(/\s+/u).filter((word) => word !== "").join(" ");
}
