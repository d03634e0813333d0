/**
 * Books as this project writes them into an event: JSON without white space, the fields of each
 * book in one order, and no escape that could be left out. To look whether a value is so takes a
 * fraction of reading it, as nothing is made of its texts: consumers need few of them.
 */
import { bookLimits } from "../domain/book.ts";
import { type FoundBooks, searchedEventBounds } from "../domain/searched_event.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const { titleMax, authorMax, descriptionMax } = bookLimits;

const [quote, comma, backslash] = [0x22, 0x2c, 0x5c];
const [opens, closes, bookCloses] = [0x5b, 0x5d, 0x7d];
const [zero, nine] = [0x30, 0x39];
const beforeId = encoder.encode('{"id":');
const beforeTitle = encoder.encode(',"title":"');
const beforeAuthor = encoder.encode(',"author":"');
const beforePublished = encoder.encode(',"published_at":');
const beforeDescription = encoder.encode(',"description":"');
const beforeCreated = encoder.encode(',"created_at":"');
const nothing = encoder.encode("null");

/** Of a safe integer, whatever it is. */
const idDigitsMax = 15;
/** `"`, `\`, and what is behind the backslash for \b, \f, \n, \r, \t. */
const escapes: ReadonlySet<number | undefined> = new Set(encoder.encode('"\\bfnrt'));

/**
 * Undefined where the value is not in that form, is not UTF-8, or is beyond the bounds of an event
 * that is kept as it is: it may be a page of books all the same.
 */
export function canonicalBooks(value: Uint8Array): FoundBooks | undefined {
  const starts = bookStarts(value);
  if (starts === undefined || starts.length > searchedEventBounds.booksMax) return undefined;
  return {
    first(most) {
      const next = starts[most];
      return next === undefined
        ? decoder.decode(value)
        : `${decoder.decode(value.subarray(0, next - 1))}]`;
    },
    named: () => namedBooks(value, starts),
  };
}

/** Where each book begins. */
function bookStarts(value: Uint8Array): readonly number[] | undefined {
  if (value[0] !== opens) return undefined;
  if (value[1] === closes) return value.length === 2 ? [] : undefined;
  const starts: number[] = [];
  for (let at = 1;; at++) {
    starts.push(at);
    at = bookEnd(value, at);
    if (at < 0) return undefined;
    if (value[at] === comma) continue;
    return value[at] === closes && at + 1 === value.length ? starts : undefined;
  }
}

/** What is behind the book at `at`; below 0 where it is none in that form. */
function bookEnd(value: Uint8Array, start: number): number {
  let at = behindId(value, start);
  at = behindText(value, behind(value, at, beforeTitle), titleMax);
  at = behindText(value, behind(value, at, beforeAuthor), authorMax);
  at = behind(value, at, beforePublished);
  at = at >= 0 && value[at] === quote
    ? behindText(value, at + 1, titleMax)
    : behind(value, at, nothing);
  at = behindText(value, behind(value, at, beforeDescription), descriptionMax);
  at = behindText(value, behind(value, at, beforeCreated), titleMax);
  return at >= 0 && value[at] === bookCloses ? at + 1 : -1;
}

function behind(value: Uint8Array, at: number, wanted: Uint8Array): number {
  if (at < 0) return -1;
  for (let n = 0; n < wanted.length; n++) if (value[at + n] !== wanted[n]) return -1;
  return at + wanted.length;
}

function behindId(value: Uint8Array, start: number): number {
  const first = behind(value, start, beforeId);
  if (first < 0) return -1;
  let at = first;
  while (isDigit(value[at])) at++;
  const digits = at - first;
  const hasLeadingZero = value[first] === zero && digits > 1;
  return digits === 0 || digits > idDigitsMax || hasLeadingZero ? -1 : at;
}

const isDigit = (byte = 0): boolean => byte >= zero && byte <= nine;

/** Behind the closing quote of the text at `start`. No text has more units than bytes. */
function behindText(value: Uint8Array, start: number, maxUnits: number): number {
  if (start < 0) return -1;
  for (let at = start;;) {
    const byte = value[at] ?? 0;
    if (byte === quote) return at - start <= maxUnits ? at + 1 : -1;
    if (byte < 0x20) return -1;
    if (byte === backslash) {
      if (!escapes.has(value[at + 1])) return -1;
      at += 2;
    } else if (byte < 0x80) {
      at++;
    } else {
      const bytes = characterBytes(value, at, byte);
      if (bytes === 0) return -1;
      at += bytes;
    }
  }
}

/** Of a character beyond ASCII, as the Unicode Standard has it (table 3-7); 0 where it is none. */
function characterBytes(value: Uint8Array, at: number, first: number): number {
  const second = value[at + 1] ?? 0;
  if (first < 0xe0) return first >= 0xc2 && isTrailing(second) ? 2 : 0;
  if (first < 0xf0) {
    const isIn = second >= (first === 0xe0 ? 0xa0 : 0x80) &&
      second <= (first === 0xed ? 0x9f : 0xbf);
    return isIn && isTrailing(value[at + 2]) ? 3 : 0;
  }
  const isIn = second >= (first === 0xf0 ? 0x90 : 0x80) && second <= (first === 0xf4 ? 0x8f : 0xbf);
  return first <= 0xf4 && isIn && isTrailing(value[at + 2]) && isTrailing(value[at + 3]) ? 4 : 0;
}

const isTrailing = (byte = 0): boolean => (byte & 0xc0) === 0x80;

/** Where what is kept of a page is put together; a page has at most so many bytes. */
let room = new Uint8Array(4096);

/** `[[id, title, author], …]` of the books that begin there. */
function namedBooks(value: Uint8Array, starts: readonly number[]): string {
  if (room.length < value.length) room = new Uint8Array(value.length);
  let end = 0;
  for (const start of starts) {
    const id = start + beforeId.length;
    const idEnd = behindId(value, start);
    const title = idEnd + beforeTitle.length - 1;
    const titleEnd = behindText(value, title + 1, titleMax);
    const author = titleEnd + beforeAuthor.length - 1;
    const authorEnd = behindText(value, author + 1, authorMax);
    room[end] = end === 0 ? opens : comma;
    end++;
    room[end++] = opens;
    end = copied(value, id, idEnd, end);
    room[end++] = comma;
    end = copied(value, title, titleEnd, end);
    room[end++] = comma;
    end = copied(value, author, authorEnd, end);
    room[end++] = closes;
  }
  if (end === 0) return "[]";
  room[end++] = closes;
  return decoder.decode(room.subarray(0, end));
}

/** A few bytes, for which a view of them would take longer. */
function copied(value: Uint8Array, from: number, to: number, at: number): number {
  for (let n = from; n < to; n++) room[at++] = value[n] ?? 0;
  return at;
}
