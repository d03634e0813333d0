/** Books as they are cut out of a value, beside what reading it gives. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Book, bookLimits } from "../domain/book.ts";
import { foundBooks, searchedEventBounds } from "../domain/searched_event.ts";
import { canonicalBooks } from "./canonical_books.ts";
import { decodeBooks } from "./decode_books_searched.ts";

const encoder = new TextEncoder();

const book: Book = {
  id: 7,
  title: 'Of "quotes", \\ and \n',
  author: "José Saramago, 村上春樹 😀",
  published_at: null,
  description: "é\u2028\u007f",
  created_at: "2026-01-01 00:00:00",
};
const bytesOf = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** What is found must be what reading finds; nothing is found where reading refuses. */
function agrees(value: Uint8Array): boolean {
  const found = canonicalBooks(value);
  if (found === undefined) return false;
  const read = foundBooks(decodeBooks(value));
  for (const most of [1, 2, 5, 1_000]) assert.equal(found.first(most), read.first(most));
  assert.equal(found.named(), read.named());
  return true;
}

describe("canonicalBooks()", () => {
  it("finds what JSON.stringify writes of books", () => {
    const others = [{ ...book, id: 0, published_at: "1997" }, { ...book, id: 999_999_999_999_999 }];
    for (const books of [[], [book], [book, ...others], Array(100).fill(book)]) {
      assert.ok(agrees(bytesOf(books)));
    }
    const all = '\0\b\f\r\t\x1f"\\/ \x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}';
    assert.ok(!agrees(bytesOf([{ ...book, title: all }])), "with escapes that take six bytes");
    assert.ok(agrees(bytesOf([{ ...book, title: all.replace("\0", "").replace("\x1f", "") }])));
  });

  it("leaves to reading what is written otherwise, is too long or too many", () => {
    const { id, ...rest } = book;
    const { titleMax, authorMax, descriptionMax } = bookLimits;
    const others = [
      [{ ...rest, id }],
      [{ ...book, more: 1 }],
      [{ ...book, published_at: undefined }],
      [{ ...book, id: -1 }],
      [{ ...book, id: 1.5 }],
      [{ ...book, id: 1e15 }],
      [{ ...book, id: "7" }],
      [{ ...book, description: null }],
      [{ ...book, title: "x".repeat(titleMax + 1) }],
      [{ ...book, author: "x".repeat(authorMax + 1) }],
      [{ ...book, published_at: "x".repeat(titleMax + 1) }],
      [{ ...book, description: "x".repeat(descriptionMax + 1) }],
      [{ ...book, created_at: "x".repeat(titleMax + 1) }],
      [{ ...book, title: "\ud800" }],
      Array(searchedEventBounds.booksMax + 1).fill(book),
      [book, null],
      [[book]],
      book,
      null,
      "[]",
    ];
    for (const value of others) assert.ok(!agrees(bytesOf(value)), JSON.stringify(value));
    const [text, whole] = [JSON.stringify([book]), JSON.stringify([book, book])];
    const texts = [
      "",
      "[",
      "[ ]",
      " []",
      "[] ",
      "[],",
      "\ufeff[]",
      `${text} `,
      text.slice(0, -1),
      text.replace("}]", "},]"),
      text.replace('"id":7', '"id":07'),
      text.replace('"id":7', '"id":'),
      text.replace('"id":7', '"id":7.0'),
      text.replace(":null", ":nulL"),
      text.replace("2026", "\\u0032"),
      text.replace("2026", "2\\/6"),
      text.replace("2026", "20\n26"),
      whole.replace("},{", "}, {"),
      whole.replace("},{", "}{"),
    ];
    for (const text of texts) assert.ok(!agrees(encoder.encode(text)), text);
  });

  it("takes no bytes for UTF-8 that are none", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const [before, after] = JSON.stringify([{ ...book, title: "HERE" }]).split("HERE").map((part) =>
      encoder.encode(part)
    );
    const isUtf8 = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const edges = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
    for (let first = 0x80; first <= 0xff; first++) {
      for (const second of edges) {
        for (const third of edges) {
          const title = Uint8Array.of(first, second, third, 0xbf);
          for (let length = 1; length <= 4; length++) {
            const part = title.subarray(0, length);
            const value = Uint8Array.of(...before!, ...part, ...after!);
            assert.equal(agrees(value), isUtf8(part), part.toHex());
          }
        }
      }
    }
  });

  it("agrees with reading whatever byte is changed, left out or put in", () => {
    const value = bytesOf([book, { ...book, id: 12, published_at: "1997", title: "b" }]);
    const bytes = [0x00, 0x20, 0x22, 0x2c, 0x30, 0x39, 0x5b, 0x5c, 0x5d, 0x6e, 0x7b, 0x7d, 0xa9];
    for (let at = 0; at <= value.length; at++) {
      const [before, after] = [value.subarray(0, at), value.subarray(at + 1)];
      agrees(Uint8Array.of(...before, ...after));
      for (const byte of bytes) {
        agrees(Uint8Array.of(...before, byte, ...after));
        agrees(Uint8Array.of(...before, byte, ...value.subarray(at)));
      }
    }
  });
});
