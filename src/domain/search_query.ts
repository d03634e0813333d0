/**
 * What a reader's query asks of a book, and the definition of a match: every catalogue answers what
 * `placeOf` says, whatever index it has.
 */
import { parseIsbn } from "./isbn.ts";
import {
  closeUp,
  comparable,
  isPunctuation,
  type SearchForm,
  takeApart,
  titleKey,
} from "./search_form.ts";
import { isWordBoundary, splitScripts } from "./word_boundary.ts";

/** One thing that must stand in a book's text: one of `needles` does. */
export interface SearchTerm {
  /** Ways to write it. */
  readonly needles: readonly SearchNeedle[];
}

/** A text to look for in a line of a search form. */
export interface SearchNeedle {
  /** In comparable form. */
  readonly text: string;
  /** Whether it must begin where a word begins. */
  readonly begins: boolean;
  /** Whether it must end where a word ends. */
  readonly ends: boolean;
}

/** A query that can mean a book, parsed. */
export interface SearchQuery {
  /** As the reader has written it. */
  readonly typed: string;
  /** All must be met; at least one. */
  readonly terms: readonly SearchTerm[];
  /** The whole query as a title's key; not empty. */
  readonly key: string;
  /** 13 digits, where the whole query is an ISBN: its book is found, too. */
  readonly isbn?: string;
}

/**
 * Where a book stands in the answer: titles that are the query (and the book of an ISBN), that
 * begin with it, the rest.
 */
export type SearchPlace = 0 | 1 | 2;

/** Words of so few characters begin a word: "it" is not meant by "kitchen". */
const shortMax = 2;

const openingQuote = /["\u201c-\u201f\u00ab\u00bb\uff02\u301d-\u301f\u2033\u2036]/u;

/**
 * Undefined where no book can be meant: nothing can be seen of the query, or it has half a
 * character.
 */
export function parseSearchQuery(typed: string): SearchQuery | undefined {
  if (!typed.isWellFormed()) return undefined;
  const terms = typed.split(openingQuote).flatMap((part, index, parts) =>
    // Between two quotes; one without a partner is punctuation.
    index % 2 === 1 && index < parts.length - 1 ? phraseTerms(part) : wordTerms(part)
  );
  // Quotes and nothing else are looked for as they are.
  if (terms.length === 0) terms.push(...wordTerms(typed));
  const key = titleKey(comparable(typed));
  if (terms.length === 0 || key === "") return undefined;
  const isbn = parseIsbn(typed);
  return { typed, terms: distinct(terms), key, ...(isbn !== undefined && { isbn }) };
}

function wordTerms(part: string): readonly SearchTerm[] {
  return comparable(part).split(" ").filter((word) => word !== "").map(wordTerm);
}

function wordTerm(word: string): SearchTerm {
  if (isPunctuation(word)) return { needles: [{ text: word, begins: false, ends: false }] };
  const closed = closeUp(word);
  const pieces = takeApart(word);
  const scripts = splitScripts(pieces);
  const [first = ""] = scripts.split(" ");
  const begins = pieces.split(" ").every(isShort) || (scripts !== pieces && isShort(first));
  const needles = [{ text: closed, begins, ends: false }];
  // Initials stand in a text closed up, however they are written there.
  if (areInitials(pieces)) return { needles };
  for (const text of new Set([pieces, scripts])) {
    if (text !== closed) needles.push({ text, begins: true, ends: false });
  }
  return { needles };
}

/**
 * The words of a phrase next to each other, as whole words; a phrase of nothing but punctuation is
 * taken as words.
 */
function phraseTerms(part: string): readonly SearchTerm[] {
  const phrase = comparable(part);
  if (isPunctuation(phrase)) return wordTerms(part);
  const apart = takeApart(phrase);
  const texts = new Set([closeUp(phrase), apart, splitScripts(apart)]);
  return [{ needles: [...texts].map((text) => ({ text, begins: true, ends: true })) }];
}

const areInitials = (pieces: string): boolean =>
  pieces.includes(" ") && /^[\p{L}\p{N}]\p{M}*(?: [\p{L}\p{N}]\p{M}*)+$/u.test(pieces);

function isShort(word: string): boolean {
  return word.length <= shortMax * 2 && [...word].length <= shortMax;
}

function distinct(terms: readonly SearchTerm[]): readonly SearchTerm[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
}

/**
 * Where a book stands in the answer to a query; undefined where it is not found. @param isbn The
 * book's, 13 digits.
 */
export function placeOf(
  { terms, key, isbn: wanted }: SearchQuery,
  form: SearchForm,
  isbn?: string | null,
): SearchPlace | undefined {
  if (wanted !== undefined && wanted === isbn) return 0;
  const found = terms.every(({ needles }) => needles.some((needle) => stands(needle, form.text)));
  if (!found) return undefined;
  if (form.titleKey === key) return 0;
  return form.titleKey.startsWith(key) ? 1 : 2;
}

function stands({ text, begins, ends }: SearchNeedle, where: string): boolean {
  for (let at = where.indexOf(text); at >= 0; at = where.indexOf(text, at + 1)) {
    const beginsThere = !begins || isWordBoundary(where, at);
    if (beginsThere && (!ends || isWordBoundary(where, at + text.length))) return true;
  }
  return false;
}
