/** The laws on searches: what is found, in which order, page by page. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Book } from "../../../src/domain/book.ts";
import { parseSearchQuery } from "../../../src/domain/search_query.ts";
import { foundIn } from "../../use_cases/array_catalogue.ts";
import { bookOf, booksFor, type CatalogueLaw, finds, shelve, titlesFor } from "../catalogue_law.ts";

/** Characters that some database, driver or language takes for something else than themselves. */
const oddities = ["_", "\\", "'", ";", "--", "?", "*", "^", "~", "(", "|", "\ufffd"];

export const searchLaws: readonly CatalogueLaw[] = [
  {
    name: "search() takes a word of punctuation for itself, within words for nothing",
    async run(open) {
      const catalogue = await open();
      const titles = oddities.map((oddity) => `xx${oddity}yy`);
      await shelve(catalogue, ["xx", "yy", ...titles]);
      for (const [index, oddity] of oddities.entries()) {
        await finds(catalogue, oddity, [titles[index] ?? ""]);
        await finds(catalogue, `yy ${oddity}`, [titles[index] ?? ""]);
        await finds(catalogue, `xx${oddity}yy`, titles);
      }
    },
  },
  {
    name: "search() keeps + # % $ @ of a word",
    async run(open) {
      const catalogue = await open();
      const titles = ["C", "C++", "C#", "100%", "100", "a@b", "$5"];
      await shelve(catalogue, titles);
      await finds(catalogue, "c++", ["C++"]);
      await finds(catalogue, "C#", ["C#"]);
      await finds(catalogue, "100%", ["100%"]);
      await finds(catalogue, "a@b", ["a@b"]);
      await finds(catalogue, "$5", ["$5"]);
      await finds(catalogue, "5", ["$5"]);
      await finds(catalogue, "c", ["C", "C++", "C#"]);
    },
  },
  {
    name: "search() finds an ISBN's book, with 10 or 13 digits, with or without dashes",
    async run(open) {
      const catalogue = await open();
      const isbn = "9780439023481";
      const titles = ["Emma", "The Hunger Games", "0439023483"];
      await shelve(catalogue, [
        "Emma",
        bookOf("The Hunger Games", { isbn }),
        bookOf("0439023483", { isbn: null }),
      ]);
      for (const query of ["0439023483", "0-439-02348-3"]) {
        await finds(catalogue, query, titles.slice(1));
      }
      for (const query of [isbn, "978-0-439-02348-1"]) {
        await finds(catalogue, query, ["The Hunger Games"]);
      }
      await finds(catalogue, "9780439023482", []);
    },
  },
  {
    name: "search() finds no more for a statement in the query than its words",
    async run(open) {
      const catalogue = await open();
      const attack = "x'); DROP TABLE books; --";
      await shelve(catalogue, ["Dune", attack]);
      for (
        const query of ["' OR '1'='1", "\\' OR 1=1 -- ", "x' UNION SELECT 1", '" OR ""="', "%' --"]
      ) {
        await finds(catalogue, query, []);
      }
      await finds(catalogue, attack, [attack]);
      await finds(catalogue, "dune", ["Dune"]);
    },
  },
  {
    name: "search() knows no case, in any script",
    async run(open) {
      const catalogue = await open();
      const titles = ["La sombra del viento, ZAFÓN", "Война и мир", "ΟΔΥΣΣΕΎΣ", "Straße"];
      await shelve(catalogue, titles);
      for (const title of titles) await finds(catalogue, title.toLowerCase(), [title]);
      await finds(catalogue, "ВОЙНА", ["Война и мир"]);
      await finds(catalogue, "sTRAßE", ["Straße"]);
      await finds(catalogue, "zafón", ["La sombra del viento, ZAFÓN"]);
      await finds(catalogue, "οδυσσεύς", ["ΟΔΥΣΣΕΎΣ"]);
      await finds(catalogue, "STRASSE", ["Straße"]);
    },
  },
  {
    name: "search() finds letters with and without their accent for each other",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["Zafón", "Zafon", "İstanbul"]);
      for (const query of ["zafón", "zafon", "ZAFO\u0301N"]) {
        await finds(catalogue, query, ["Zafón", "Zafon"]);
      }
      await finds(catalogue, "istanbul", ["İstanbul"]);
    },
  },
  {
    name: "search() finds a short word where a word begins, in scripts without spaces anywhere",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["It", "Kitchen", "The Item", "本三体", "x-it"]);
      await finds(catalogue, "it", ["It", "The Item", "x-it"]);
      await finds(catalogue, "三", ["本三体"]);
      await finds(catalogue, "三体", ["本三体"]);
    },
  },
  {
    name: "search() finds the words of a quoted phrase next to each other only",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["The Hobbit", "The small hobbit", "The hobbits", "Hobbit, the"]);
      await finds(catalogue, '"the hobbit"', ["The Hobbit"]);
      await finds(catalogue, "“hobbit the”", ["Hobbit, the"]);
      await finds(catalogue, "the hobbit", [
        "The Hobbit",
        "The hobbits",
        "The small hobbit",
        "Hobbit, the",
      ]);
    },
  },
  {
    name: "search() finds initials however they are written, and all of them",
    async run(open) {
      const catalogue = await open();
      const titles = ["J.D. Robb", "J. D. Robb", "J D Robb", "JD Robb", "J.-D. Robb"];
      // More books with words that begin so than any search looks at.
      const others = Array.from(
        { length: 1_500 },
        (_, n) => bookOf(`Jane ${n}`, { author: "Doe" }),
      );
      assert.equal(await catalogue.addMissing(others), others.length);
      await shelve(catalogue, titles);
      for (const query of ["J.D.", "J. D.", "jd robb"]) await finds(catalogue, query, titles);
    },
  },
  {
    name: "search() finds words and digits of other scripts, however they are stretched or spaced",
    async run(open) {
      const catalogue = await open();
      const titles = ["كتـــاب ١٩٨٤", "Python 入門", "C++入門", "三体 2：黑暗森林"];
      await shelve(catalogue, titles);
      for (
        const [query, index] of [
          ["كتاب", 0],
          ["كتـاب 1984", 0],
          ["Python入門", 1],
          ["c++ 入門", 2],
          ["C++入門", 2],
          ["三体2", 3],
        ] as const
      ) await finds(catalogue, query, [titles[index] ?? ""]);
      await finds(catalogue, '"', []);
      await shelve(catalogue, ["“Quoted”"]);
      for (const quotes of ['"', "“", '""']) await finds(catalogue, quotes, ["“Quoted”"]);
    },
  },
  {
    name: "search() finds a letter with its accent, composed or combining",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["Caf\u00e9", "Cafe\u0301 noir"]);
      for (const query of ["caf\u00e9", "cafe\u0301", "CAFE\u0301"]) {
        await finds(catalogue, query, ["Caf\u00e9", "Cafe\u0301 noir"]);
      }
    },
  },
  {
    name: "search() finds emoji and right-to-left letters, and tells them from their neighbours",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, [
        "The 😀 book",
        "The 😁 book",
        "חנוך לוין",
        "ألف ليلة وليلة",
        "\u200fא",
      ]);
      await finds(catalogue, "😀", ["The 😀 book"]);
      await finds(catalogue, "לוין", ["חנוך לוין"]);
      await finds(catalogue, "ليلة", ["ألف ليلة وليلة"]);
      await finds(catalogue, "\u200fא", ["\u200fא"]);
    },
  },
  {
    name: "search() finds words that stand in different columns, in any order",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, [
        bookOf("Dune", { author: "Frank Herbert", description: "Sand and spice" }),
        bookOf("Dune", { author: "Somebody" }),
      ]);
      const books = await booksFor(catalogue, "spice herbert dune");
      assert.deepEqual(books.map((book) => book.author), ["Frank Herbert"]);
      assert.equal((await titlesFor(catalogue, "dune")).length, 2);
      await finds(catalogue, "dune nobody", []);
    },
  },
  {
    name: "search() finds no word across the border of two columns",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, [bookOf("ab", { author: "cd", description: "ef" })]);
      for (const query of ["bcd", "abcd", "def", '"ab cd"', "b-cd", '"cd ef"']) {
        await finds(catalogue, query, []);
      }
    },
  },
  {
    name: "search() takes the most words that a query can have",
    async run(open) {
      const catalogue = await open();
      const words = Array.from({ length: 100 }, (_, index) => String.fromCodePoint(0x4e00 + index));
      await shelve(catalogue, [words.join("-"), words.slice(1).join("-")]);
      await finds(catalogue, words.join(" "), [words.join("-")]);
    },
  },
  {
    name: "search() finds what its definition says, whatever the texts are made of",
    async run(open) {
      const catalogue = await open();
      const shelf: { book: Book; isbn: null }[] = [];
      const text = fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 5 })
        .map((parts) => parts.join(""));
      const books = fc.array(fc.tuple(text, text, text), { maxLength: 3 });
      const queries = fc.array(text, { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(books, queries, async (newBooks, typed) => {
          for (const [title, author, description] of newBooks) {
            const book = await catalogue.add(bookOf(title, { author, description }));
            shelf.push({ book, isbn: null });
          }
          for (const query of typed) {
            const parsed = parseSearchQuery(query);
            if (parsed === undefined) continue;
            const wanted = foundIn(shelf, parsed).map(({ book }) => book);
            assert.deepEqual(await booksFor(catalogue, query, 10_000), wanted, query);
          }
        }),
        // The shelf grows from run to run, so shrinking would ask another question.
        { numRuns: 40, endOnFailure: true },
      );
    },
  },
];

const alphabet = [
  "٣",
  "ـ",
  '"',
  "a",
  "A",
  "b",
  "é",
  "É",
  "e\u0301",
  "ς",
  "Σ",
  "σ",
  "İ",
  "ß",
  " ",
  "  ",
  "\u00a0",
]
  .concat(["\n", "😀", "א", "\u200f", "\u0301", "\uffff", "三", "あ", "ab", "&", "+", "-", "."])
  .concat(oddities);
