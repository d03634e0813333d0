import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import { searchForm } from "../../../src/domain/search_form.ts";
import { parseSearchQuery, placeOf } from "../../../src/domain/search_query.ts";
import { bookGrams, queryGrams, titleGram } from "./grams.ts";

const characters = [...'aabbc1é+#%&\'.,-- ""三体あの★😀éß٣ـภ'];
const text = fc.array(fc.constantFrom(...characters), { maxLength: 12 })
  .map((all) => all.join(""));

describe("grams", () => {
  it("every book that a query finds has all of the query's", () => {
    let found = 0;
    fc.assert(
      fc.property(text, text, fc.nat(), fc.nat({ max: 9 }), (title, other, from, length) => {
        const book = searchForm({ title, author: other, description: "" });
        const begin = from % (title.length + 1);
        for (const typed of [title.slice(begin, begin + length), other, title]) {
          const query = parseSearchQuery(typed);
          if (query === undefined) continue;
          const groups = queryGrams(query);
          assert.ok(groups.every((group) => group.length > 0), typed);
          const place = placeOf(query, book);
          if (place === undefined) continue;
          found += 1;
          const grams = new Set(bookGrams(book));
          for (const gram of groups.flat()) {
            assert.ok(grams.has(gram), `${gram} of ${typed} in ${title}`);
          }
          if (place === 2) continue;
          const head = titleGram(query.key);
          assert.ok(grams.has(head), `${head} of ${title}`);
        }
      }),
      { numRuns: 3_000 },
    );
    assert.ok(found > 2_000, `${found} found`);
  });

  it("of a phrase tell its words apart", () => {
    const groups = (typed: string) => queryGrams(parseSearchQuery(typed)!);
    assert.deepEqual(groups('"the hobbit"').map(([first]) => first), ["__t", "__h"]);
    assert.equal(groups('"the hobbit" king catch-22').length, 4);
  });

  it("are those of words, beginnings and signs", () => {
    const book = searchForm({ title: "C++ & Dune!", author: "三体", description: "" });
    assert.deepEqual(
      [...bookGrams(book)].sort(),
      [
        ..."!21 !2b ^c ^c+ ^c++a ^c++anddu __+ __a __c __d __三 __体 _++ _an _c+ _du _三体 and c++ dun une"
          .split(
            " ",
          ),
      ].sort(),
    );
  });
});
