/** The laws on searches: what is found, in which order, page by page. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Book } from "../../../src/domain/book.ts";
import { fold, normaliseQuery, searchWords } from "../../../src/domain/search_text.ts";
import {
  bookOf,
  type CatalogueLaw,
  finds,
  requestFor,
  shelve,
  titlesFor,
} from "../catalogue_law.ts";

/** Characters that some database, driver or language takes for something else than themselves. */
const oddities = ["%", "_", "\\", "'", '"', "`", "\0", ";", "--", "?", "*", "[a]", "^", "\u200b"];

export const searchLaws: readonly CatalogueLaw[] = [
  {
    name: "search() takes every odd character for itself",
    async run(open) {
      const catalogue = await open();
      const titles = oddities.map((oddity) => `x${oddity}y`);
      await shelve(catalogue, ["xy", "xzy", ...titles]);
      for (const [index, oddity] of oddities.entries()) {
        const title = titles[index] ?? "";
        await finds(catalogue, `x${oddity}y`, [title]);
        await finds(catalogue, oddity, [title]);
      }
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
    },
  },
  {
    name: "search() tells letters with an accent from those without",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["Zafón", "Zafon"]);
      await finds(catalogue, "zafón", ["Zafón"]);
      await finds(catalogue, "zafon", ["Zafon"]);
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
      const { books } = await catalogue.search(requestFor("spice herbert dune"));
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
      await finds(catalogue, "bc", []);
      await finds(catalogue, "de", []);
      const { books } = await catalogue.search({ ...requestFor("x"), words: ["b\ncd"] });
      assert.deepEqual(books, []);
    },
  },
  {
    name: "search() finds nothing for half a character",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["\ufffd", "😀"]);
      await finds(catalogue, "\ud83d", []);
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
      const shelf: Book[] = [];
      const text = fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 5 })
        .map((parts) => parts.join(""));
      const books = fc.array(fc.tuple(text, text, text), { maxLength: 3 });
      const queries = fc.array(text.filter((query) => query.trim() !== ""), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(books, queries, async (newBooks, typed) => {
          for (const [title, author, description] of newBooks) {
            shelf.push(await catalogue.add(bookOf(title, { author, description })));
          }
          for (const query of typed) {
            const found = await catalogue.search(requestFor(query, 0, 10_000));
            assert.deepEqual(found.books, definition(shelf, query));
          }
        }),
        // The shelf grows from run to run, so shrinking would ask another question.
        { numRuns: 40, endOnFailure: true },
      );
    },
  },
];

const alphabet = ["a", "A", "b", "é", "É", "e\u0301", "ς", "Σ", "σ", "İ", "ß", " ", "  ", "\u00a0"]
  .concat(["\n", "😀", "א", "\u200f", "\u0301", "\uffff", ...oddities]);

/** The port's prose, in the plainest code. */
function definition(shelf: readonly Book[], query: string): readonly Book[] {
  const phrase = normaliseQuery(query);
  const places = shelf
    .filter((book) =>
      searchWords(query).every((word) =>
        [book.title, book.author, book.description].some((column) => fold(column).includes(word))
      )
    )
    .map((book) => {
      const title = normaliseQuery(book.title);
      return { book, place: title === phrase ? 0 : title.startsWith(phrase) ? 1 : 2 };
    });
  return places.toSorted((a, b) => a.place - b.place || a.book.id - b.book.id)
    .map(({ book }) => book);
}
