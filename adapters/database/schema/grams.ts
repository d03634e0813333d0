/**
 * The keys by which books are found: mostly three characters, of which a database keeps the ids.
 * They only propose books, in the order of their ids; whether one is meant says `placeOf`.
 *
 * - `abc`: stands within a word. `_ab`, `__a`: a word begins so. `^ab`, `^^a`: the title's key
 *   does.
 * - `!2605`: has this sign (its code point), for words that are nothing but punctuation.
 */
import { once } from "../../../src/domain/once.ts";
import type { SearchForm } from "../../../src/domain/search_form.ts";
import type { SearchNeedle, SearchQuery, SearchTerm } from "../../../src/domain/search_query.ts";
import { hasLetterOrDigit, isWordBoundary } from "../../../src/domain/word_boundary.ts";

const plain = /^[a-z0-9]+$/;
const signs = once(() => /[^\p{L}\p{N}\p{M}]/gu);
/** What stands for itself in a gram. */
const plainUnsigned = /^[a-z0-9+#%$@]$/;
const unsigned = once(() => /^[\p{L}\p{N}\p{M}+#%$@]$/u);

/** The grams of a book, each once. */
export function bookGrams({ titleKey, text }: SearchForm): readonly string[] {
  const grams = new Set<string>(titleGrams(titleKey));
  for (const word of new Set(text.split(/[ \n]+/))) {
    if (word === "") continue;
    if (hasLetterOrDigit(word)) addWord(grams, word);
    for (const gram of signGrams(word)) grams.add(gram);
  }
  return [...grams];
}

function addWord(grams: Set<string>, word: string): void {
  if (plain.test(word)) {
    grams.add(`__${word[0]}`);
    if (word.length > 1) grams.add(`_${word.slice(0, 2)}`);
    for (let at = 0; at + 3 <= word.length; at++) grams.add(word.slice(at, at + 3));
    return;
  }
  const characters = [...word];
  for (let at = 0, index = 0; at < characters.length; at++) {
    const [first = "", second, third] = characters.slice(at, at + 3);
    if (isWordBoundary(word, index)) {
      grams.add(`__${first}`);
      if (second !== undefined) grams.add(`_${first}${second}`);
    }
    if (second !== undefined && third !== undefined) grams.add(first + second + third);
    index += first.length;
  }
}

/**
 * For each thing that a query asks, what every book has that is found; none of them is empty. The
 * words of a phrase are things of their own. The book of an ISBN need not have them.
 */
export function queryGrams({ terms }: SearchQuery): readonly (readonly string[])[] {
  return terms.flatMap(termGrams);
}

const headLengths = [1, 2, 4, 8];

/** Beginnings of a title's key, so that a title is found by how it begins as a word is. */
function titleGrams(key: string): readonly string[] {
  const characters = [...key.slice(0, 16)].map((character) =>
    plainUnsigned.test(character) || unsigned().test(character) ? character : signGram(character)
  );
  return headLengths.filter((length) => length <= characters.length)
    .map((length) => `^${characters.slice(0, length).join("")}`);
}

/** What every title's key has that begins with `key`: of those, what tells most. */
export function titleGram(key: string): string {
  return titleGrams(key).at(-1) ?? "";
}

/**
 * For each word. A term's needles are ways to write one thing, so they share most grams, and at
 * least the first.
 */
function termGrams({ needles }: SearchTerm): readonly (readonly string[])[] {
  const [first = [], ...others] = needles.map(needleGrams);
  const inOthers = others.map((words) => new Set(words.flat()));
  return first.map((grams) => grams.filter((gram) => inOthers.every((has) => has.has(gram))))
    .filter((grams) => grams.length > 0);
}

function needleGrams({ text, begins }: SearchNeedle): readonly (readonly string[])[] {
  return text.split(" ").map((word, index) => {
    const ofSigns = signGrams(word);
    if (!hasLetterOrDigit(word)) return ofSigns;
    const characters = [...word];
    const inner = characters.slice(2).map((_, at) => characters.slice(at, at + 3).join(""));
    if (index === 0 && !begins) return [...inner, ...ofSigns];
    const [first = "", second] = characters;
    // `__a` says no more than `_ab`, but it is what "a-b" has in common with "ab".
    const beginning = second === undefined ? [] : [`_${first}${second}`];
    return [`__${first}`, ...beginning, ...inner, ...ofSigns];
  });
}

function signGrams(word: string): readonly string[] {
  return plain.test(word) ? [] : [...word.matchAll(signs())].map(([sign]) => signGram(sign));
}

function signGram(sign: string): string {
  return `!${(sign.codePointAt(0) ?? 0).toString(16)}`;
}
