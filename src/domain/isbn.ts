import { once } from "./once.ts";

/** What says nothing between the digits: dashes, spaces, and what shows nothing. */
const separators = once(() => /[\s\p{Pd}\u2212\p{Default_Ignorable_Code_Point}]/gu);

/** How it is written where others stand beside it: `ISBN-13: …`, `urn:isbn:…`, "…", (…). */
const written = once(() => /^\p{P}*(?:(?:URN:)?ISBN(?:1[03])?:?)?([\dX]+)\p{P}*$/u);

/** Most queries: there is no digit in them. */
const plainWords = /^[ -/:-~]*$/;

/**
 * The 13 digits of an ISBN that was written with 10 or 13 digits, with or without dashes, and as it
 * is copied from where it stands; undefined where it is none or its check digit is wrong. One book
 * has one: the form of 10 digits is the same number.
 */
export function parseIsbn(text: string): string | undefined {
  if (plainWords.test(text)) return undefined;
  const plain = text.normalize("NFKC").replace(separators(), "").toUpperCase();
  const [, all = ""] = written().exec(plain) ?? [];
  // `ISBN 10…` may be the form of that name, or begin with these digits.
  const [, digits = all] = /^ISBN(1[03].*?)\p{P}*$/u.exec(plain) ?? [];
  return thirteenDigits(all) ?? thirteenDigits(digits);
}

function thirteenDigits(digits: string): string | undefined {
  if (/^\d{9}[\dX]$/.test(digits)) {
    return checkDigit10(digits) === digits.at(-1) ? withCheckDigit13(`978${digits}`) : undefined;
  }
  if (!/^97[89]\d{10}$/.test(digits)) return undefined;
  return withCheckDigit13(digits) === digits ? digits : undefined;
}

/** Of an ISBN with 10 digits: weights 10 to 2, modulo 11, X for ten. */
function checkDigit10(digits: string): string {
  const sum = weighted(digits.slice(0, 9), (index) => 10 - index);
  const digit = (11 - sum % 11) % 11;
  return digit === 10 ? "X" : String(digit);
}

/** The first twelve digits with their check digit: weights 1 and 3, modulo 10. */
function withCheckDigit13(digits: string): string {
  const first = digits.slice(0, 12);
  const sum = weighted(first, (index) => index % 2 === 0 ? 1 : 3);
  return first + (10 - sum % 10) % 10;
}

function weighted(digits: string, weight: (index: number) => number): number {
  return [...digits].reduce((sum, digit, index) => sum + Number(digit) * weight(index), 0);
}
