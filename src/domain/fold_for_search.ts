/**
 * What the catalogue takes for the same: the first step of the search form. Compatibility forms,
 * case, marks, whose digits they are and what cannot be seen make no difference; every quote is one
 * character and every dash another; `&` is "and"; white space is one space.
 *
 * The wire has a fold of its own (`search_text.ts`), which is part of events and stays as it is;
 * this one may grow.
 */
import { once } from "./once.ts";

/** Printable ASCII: most texts, and nothing but the case of their letters has to change. */
const plain = /^[\x20-\x7e]*$/;

/**
 * Accents and the like. Marks that are letters of their script stay: vowel signs of Indic scripts
 * and of Thai, and what tells が from か.
 */
const marks = once(() =>
  /[[\p{M}&&[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]]--[\u3099\u309a]]/gv
);

/**
 * Zero width, soft hyphen, byte order mark, directions, variation selectors, control characters
 * that are no white space; and what only stretches a word of Arabic or N'Ko.
 */
const invisible = once(() =>
  /[[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u0640\u07fa]--[\p{White_Space}]]/gv
);

/**
 * Runs of them. Also those that decomposing would make a space and a mark, and letters that are
 * written for an apostrophe.
 */
const quotes =
  /["'`\u00ab\u00b4\u00bb\u02b9-\u02bf\u02c8\u02ee\u0384\u05f3\u05f4\u1fbd\u1fbf\u1ffd\u1ffe\u2018-\u201f\u2032-\u2037\u2039\u203a\u275b-\u275e\u300c-\u300f\u301d-\u301f\ua78c\uff02\uff07\uff40]+/gu;
const dashes = once(() => /[\p{Pd}\u2043\u2212]/gu);

/** Letters with a stroke or grown together, which no normal form takes apart. */
const joined: Readonly<Record<string, string>> = {
  "æ": "ae",
  "œ": "oe",
  "ø": "o",
  "ł": "l",
  "đ": "d",
  "ð": "d",
  "ħ": "h",
  "ŧ": "t",
  "þ": "th",
  "ɨ": "i",
  "ƶ": "z",
  "ς": "σ",
};
/** Digits of other scripts; those of one follow each other from zero on. */
const otherDigits = once(() => /(?![0-9])\p{Nd}/gu);
const anyDigit = once(() => /\p{Nd}/u);

function plainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (anyDigit().test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}

const joinedLetters = new RegExp(`[${Object.keys(joined).join("")}]`, "gu");

/** Idempotent. Well-formed text comes out well-formed. */
export function foldForSearch(text: string): string {
  const folded = plain.test(text)
    ? text.toLowerCase().replace(/["'`]+/g, "'")
    : foldLetters(foldLetters(text));
  return folded.replaceAll("&", " and ").replace(/[\p{White_Space}\u2800]+/gu, " ").trim();
}

/**
 * Upper case first: it writes ß, ﬁ and ŉ out, and knows one sigma. Twice, because each step can
 * make work for another.
 */
function foldLetters(text: string): string {
  // The iota below a letter is written out, as upper case does.
  const bare = text.normalize("NFD").replace(quotes, "'").replace(invisible(), "").normalize("NFKD")
    .replaceAll("\u0345", "ι").replace(marks(), "");
  return bare.toUpperCase().toLowerCase().normalize("NFKD")
    .replace(marks(), "").replace(invisible(), "").replace(quotes, "'").replace(dashes(), "-")
    .replace(joinedLetters, (letter) => joined[letter] ?? letter)
    .replace(otherDigits(), plainDigit).normalize("NFC");
}
