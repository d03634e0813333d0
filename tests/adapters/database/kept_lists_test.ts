/** Lists of grams and books that searches keep: the answers are those of the index all the same. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { keepValues } from "../../../adapters/database/sqlite/kept_values.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import { type GramList, inAllLists } from "../../../adapters/database/sqlite/gram_lists.ts";
import { booksOf } from "../../../src/ports/book_catalogue.ts";
import { openTitleBeginnings } from "../../../adapters/database/sqlite/title_beginnings.ts";
import { requestFor } from "../../contracts/catalogue_law.ts";

const list = (...ids: number[]): GramList => Float64Array.from(ids);

describe("lists of grams", () => {
  it("have in common what stands in all of them, behind an id, up to a limit", () => {
    const lists = [list(1, 3, 5, 7, 9, 11), list(3, 4, 5, 9, 11), list(1, 2, 3, 5, 6, 9, 10, 11)];
    assert.deepEqual(inAllLists(lists, 0, 10), [3, 5, 9, 11]);
    assert.deepEqual(inAllLists(lists, 3, 2), [5, 9]);
    assert.deepEqual(inAllLists(lists, 11, 10), []);
    assert.deepEqual(inAllLists([list(), list(1)], 0, 10), []);
    assert.deepEqual(inAllLists([list(2, 4)], 2, 10), [4]);
  });
});

describe("kept values", () => {
  it("are forgotten with their version, and where they were not asked for, by their bytes", () => {
    const values = keepValues<string, number>(100, (bytes) => bytes);
    values.see(1);
    for (const name of ["a", "b", "c"]) values.keep(name, 20);
    assert.equal(values.find("a"), 20);
    values.keep("d", 20);
    // Of those that are older than "d", nobody has asked for "b" since "c" came.
    assert.deepEqual(["b", "c", "d"].map(values.find), [undefined, 20, 20]);
    values.keep("e", 51);
    assert.equal(values.find("e"), undefined);
    values.see(2);
    assert.equal(values.find("a"), undefined);
    values.keep("a", 30);
    values.see(undefined);
    assert.equal(values.find("a"), undefined);
  });
});

describe("titles by their beginnings", () => {
  const titles = [...Array.from({ length: 120 }, (_, n) => `th${n + 100}`), "dune", "dunemessiah"]
    .sort().map((titleKey, n) => [500 - n, titleKey] as const);
  const asked: string[] = [];
  const beginnings = openTitleBeginnings((sql) => ({
    all(key = "") {
      asked.push(key);
      const most = Number(/LIMIT (\d+)/.exec(sql)?.[1]);
      return titles.filter(([, titleKey]) => titleKey.startsWith(key)).slice(0, most);
    },
  }), 100_000);

  it("are read for the second who asks, and known for all that begin so", () => {
    beginnings.see(1);
    assert.deepEqual(beginnings.find("dune"), { equal: [500], longer: [499] });
    assert.deepEqual(beginnings.find("dunem"), { equal: [], longer: [499] });
    assert.deepEqual(asked.splice(0), ["dune", "du"]);
    assert.deepEqual(beginnings.find("dunes"), { equal: [], longer: [] });
    assert.deepEqual(beginnings.find("dune"), { equal: [500], longer: [499] });
    assert.deepEqual(asked.splice(0), []);
    beginnings.see(2);
    assert.deepEqual(beginnings.find("du"), { equal: [], longer: [499, 500] });
    assert.deepEqual(asked.splice(0), ["du"]);
  });

  it("are not known where they are many, and not kept without a version", () => {
    assert.deepEqual(beginnings.find("th"), { equal: [], longer: undefined });
    assert.deepEqual(beginnings.find("th100"), { equal: [498], longer: [] });
    assert.deepEqual(beginnings.find("th10"), {
      equal: [],
      longer: Array.from({ length: 10 }, (_, n) => 489 + n),
    });
    beginnings.see(undefined);
    asked.splice(0);
    for (let n = 0; n < 3; n++) beginnings.find("du");
    assert.deepEqual(asked, ["du", "du", "du"]);
  });

  it("are found by whole characters", () => {
    beginnings.see(3);
    for (let n = 0; n < 3; n++) beginnings.find("d\u{1f409}\u{1f409}");
    assert.ok(asked.every((key) => key.isWellFormed()));
  });
});

describe("searches that keep what they have read", () => {
  it("answer as those that keep nothing, asked again, and when books have changed", async () => {
    const folder = await Deno.makeTempDir({ prefix: "kept_lists_" });
    try {
      const options = { file: `${folder}/shelf.db`, shelf: "empty" } as const;
      await using keeping = await openSqliteCatalogue(options);
      await keeping.addMissing(someBooks(400));
      await using plain = await openSqliteCatalogue({ ...options, pageCacheBytes: 0 });
      await compare(keeping, plain);
      await plain.remove(17);
      await plain.update(30, { ...someBooks(1)[0]!, title: "river stone of another" });
      await compare(keeping, plain);
      using database = new DatabaseSync(options.file);
      database.exec("DELETE FROM shelfcast_forms WHERE id = 40");
      await compare(keeping, plain);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

const words = ["river", "stone", "the", "rivers", "night", "nightingale", "on", "a", "iver"];

/** Words at the places that a number's digits say, so that they meet in all ways. */
function someBooks(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    title: [n, n >> 3, n >> 5].map((at) => words[at % words.length]).join(" "),
    author: `Author ${words[(n >> 1) % words.length]} ${n}`,
    description: "",
    published_at: null,
  }));
}

type Searching = Pick<Awaited<ReturnType<typeof openSqliteCatalogue>>, "search">;

async function compare(keeping: Searching, plain: Searching): Promise<void> {
  const queries = words.flatMap((one) => [one, ...words.map((other) => `${one} ${other}`)]);
  // The first round only asks, the second reads lists, the third uses them; pages of another size,
  // so that no page is known.
  for (const limit of [3, 4, 5]) {
    for (const query of queries) {
      for (const offset of [0, 7]) {
        const request = requestFor(query, offset, limit);
        const [one, other] = [await keeping.search(request), await plain.search(request)];
        const said = `${query}, offset ${offset}, limit ${limit}`;
        assert.deepEqual(booksOf(one), booksOf(other), said);
        assert.deepEqual(one.next, other.next, said);
      }
    }
  }
}
