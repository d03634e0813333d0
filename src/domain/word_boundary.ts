/** Where words begin and end in a text in search form. */
import { once } from "./once.ts";

const letterOrDigit = once(() => /[\p{L}\p{N}\p{M}]/u);
const plainLetterOrDigit = /[a-z0-9]/;

/** Scripts that are written without spaces: each of their letters is taken for a word. */
const unspaced = once(() =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\u30fc]/u
);
/** Where one kind of letters ends and the other begins. */
const otherScript = once(() => {
  const one = unspaced().source;
  const other = "[\\p{L}\\p{N}+#%$@]";
  return new RegExp(`(?<=${one})(?!${one})(?=${other})|(?<=${other})(?<!${one})(?=${one})`, "gu");
});

/** Whether a text has anything by which words are told apart from mere punctuation. */
export const hasLetterOrDigit = (text: string): boolean =>
  plainLetterOrDigit.test(text) || letterOrDigit().test(text);

/**
 * A text with spaces where some put them and others do not, between a script without spaces and
 * other letters or digits: "Python入門" is "Python 入門".
 */
export function splitScripts(text: string): string {
  return /[^\x20-\x7e]/.test(text) ? text.replace(otherScript(), " ") : text;
}

/**
 * Whether a word may begin or end between the characters before and at `index`: everywhere but
 * between two letters or digits of a script with spaces.
 */
export function isWordBoundary(text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return true;
  const before = characterBefore(text, index);
  const at = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return !isSpacedLetter(before) || !isSpacedLetter(at);
}

function isSpacedLetter(character: string): boolean {
  if (character < "\u0080") return plainLetterOrDigit.test(character);
  return letterOrDigit().test(character) && !unspaced().test(character);
}

function characterBefore(text: string, index: number): string {
  const unit = text.charCodeAt(index - 1);
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && index >= 2;
  return text.slice(index - (isSecondHalf ? 2 : 1), index);
}
