/** The form in which queries and texts are compared. */
import { foldForSearch } from "./fold_for_search.ts";
import { once } from "./once.ts";
import { hasLetterOrDigit } from "./word_boundary.ts";

/**
 * The form in which the catalogue compares: letters and digits decide, and `+ # % $ @` stay (C++,
 * C#, 100%). Other punctuation counts on neither side; because "Catch-22" is meant by `catch22` and
 * by `catch 22`, it stands in a text closed up and as words.
 */
export interface SearchForm {
  /**
   * The title's letters, digits and `+ # % $ @`, without spaces; a title that has none: all but its
   * spaces.
   */
  readonly titleKey: string;
  /**
   * Lines, each words between single spaces, with a space before the first and behind the last:
   * title, author and description closed up; those of them in which punctuation stands within
   * words, again as separate words; those with letters that stand alone, with these as a word; the
   * runs of punctuation, for queries that are nothing else.
   */
  readonly text: string;
}

/** What a search looks at of a book. */
export interface SearchedText {
  readonly title: string;
  readonly author: string;
  readonly description: string;
}

interface Patterns {
  /** What is neither letter nor digit nor one of the signs that stay. */
  readonly punctuation: RegExp;
  /** What is neither letter nor digit. */
  readonly runs: RegExp;
}

const anyText = once((): Patterns => ({
  punctuation: /[^\p{L}\p{N}\p{M}+#%$@ ]+/gu,
  runs: /[^\p{L}\p{N}\p{M} ]+/gu,
}));
/** Four times as fast, and most texts are plain. */
const plainText: Patterns = { punctuation: /[^a-z0-9+#%$@ ]+/g, runs: /[^a-z0-9 ]+/g };

const patternsFor = (text: string): Patterns => /^[\x20-\x7e]*$/.test(text) ? plainText : anyText();

const spaces = / {2,}/g;

/** Initials that are written apart are closed up: "j. k. rowling" is "j.k. rowling". */
const apart = once(() => /(?<![\p{L}\p{N}\p{M}+#%$@])(\p{L}\p{M}*\.) (?=\p{L}\p{M}*\.)/gu);

/** The same where they are written without points: "j k rowling". */
const alone = once(() =>
  /(?<![\p{L}\p{N}\p{M}+#%$@])([\p{L}\p{N}]\p{M}*) (?=[\p{L}\p{N}]\p{M}*(?![\p{L}\p{N}\p{M}+#%$@]))/gu
);
const perhapsAlone = /(?:^| )\S{1,4} \S{1,4}(?: |$)/;

/** A text folded, with what white space tells of initials gone. */
export function comparable(text: string): string {
  const folded = foldForSearch(text);
  return folded.includes(". ") ? folded.replace(apart(), "$1") : folded;
}

/** Comparable text closed up: `o'reilly` is "oreilly". */
export function closeUp(text: string): string {
  return text.replace(patternsFor(text).punctuation, "").replace(spaces, " ").trim();
}

/** Comparable text as words: `o'reilly` is "o reilly". */
export function takeApart(text: string): string {
  return text.replace(patternsFor(text).punctuation, " ").replace(spaces, " ").trim();
}

/** What tells comparable titles apart; see `SearchForm.titleKey`. */
export function titleKey(text: string): string {
  const key = closeUp(text).replaceAll(" ", "");
  return key === "" ? text.replaceAll(" ", "") : key;
}

/** Computed when a book is stored, and whenever it changes. */
export function searchForm({ title, author, description }: SearchedText): SearchForm {
  const comparableTitle = comparable(title);
  const columns = [comparableTitle, comparable(author), comparable(description)];
  const lines: string[] = [];
  const apartLines: string[] = [];
  const runs = new Set<string>();
  for (const column of columns) {
    const closed = closeUp(column);
    if (closed !== "") lines.push(` ${closed} `);
    const words = takeApart(column);
    if (words !== closed) apartLines.push(` ${words} `);
    const joined = perhapsAlone.test(closed) ? closed.replace(alone(), "$1") : closed;
    if (joined !== closed) apartLines.push(` ${joined} `);
    // Also those within words: "!" is looked for in "Yahoo!" as in "Oh !".
    for (const [run] of column.matchAll(patternsFor(column).runs)) runs.add(run);
  }
  const runLine = runs.size === 0 ? [] : [` ${[...runs].join(" ")} `];
  return {
    titleKey: titleKey(comparableTitle),
    text: [...lines, ...apartLines, ...runLine].join("\n"),
  };
}

/** Whether a word in comparable text is nothing but punctuation: it is then looked for as it is. */
export const isPunctuation = (word: string): boolean => !hasLetterOrDigit(word);
