/** Pages that were found are answered again, and never when they are no longer true. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { shareQuestion } from "../../../adapters/database/mysql/shared_question.ts";
import { keepPages } from "../../../adapters/database/schema/kept_pages.ts";
import { shareLook } from "../../../adapters/database/schema/shared_look.ts";
import type { BookPage } from "../../../src/ports/book_catalogue.ts";
import { requestFor } from "../../contracts/catalogue_law.ts";

/** Somebody who keeps pages, and what had to be found, in order. */
function openAsker(maxBytes: number, { isComplete = true, characters = 1_000 } = {}) {
  const pages = keepPages(maxBytes);
  const found: string[] = [];
  return {
    found,
    ask(query: string, { offset = 0, limit = 10, version = "1" } = {}): BookPage {
      const request = requestFor(query, offset, limit);
      const known = pages.find(version, request);
      if (known !== undefined) return known;
      found.push(`${query} ${offset} ${limit}`);
      const text = "x".repeat(characters);
      const page = { json: new Uint8Array(1_000), text, count: found.length, isComplete };
      pages.keep(version, request, page);
      return page;
    },
    pages,
  };
}

describe("pages that were found", () => {
  it("are answered again, each to its own question", () => {
    const { ask, found } = openAsker(100_000);
    const first = ask("dune");
    assert.notEqual(ask("emma"), first);
    assert.notEqual(ask("dune", { offset: 10 }), first);
    assert.notEqual(ask("dune", { limit: 5 }), first);
    assert.equal(ask("dune"), first);
    assert.deepEqual(found, ["dune 0 10", "emma 0 10", "dune 10 10", "dune 0 5"]);
  });

  it("are found anew when the shelf has another version", () => {
    const { ask, found } = openAsker(100_000);
    ask("dune");
    for (let n = 0; n < 2; n++) ask("dune", { version: "2" });
    assert.equal(found.length, 2);
  });

  it("are not kept where the shelf has got another version meanwhile, or has none", () => {
    const { pages } = openAsker(100_000);
    const request = requestFor("dune", 0, 10);
    const page = { json: new Uint8Array(1), text: "x", count: 0, isComplete: true };
    pages.find("1", request);
    pages.find("2", request);
    pages.keep("1", request, page);
    assert.equal(pages.find("2", request), undefined);
    pages.find(undefined, request);
    pages.keep(undefined, request, page);
    assert.equal(pages.find(undefined, request), undefined);
  });

  it("take no more bytes than they may: that which nobody asked for the longest goes", () => {
    // Of a page of 1,000 bytes, a text that is not ASCII takes two bytes a character.
    for (const [maxBytes, characters] of [[5_000, 1_000], [6_900, 990]] as const) {
      const { ask, found } = openAsker(maxBytes, { characters });
      for (const query of ["a", "b", "a", "c", "a", "b"]) ask(query);
      assert.deepEqual(found, ["a 0 10", "b 0 10", "c 0 10", "b 0 10"]);
    }
  });

  it("are not kept where they ended early", () => {
    const { ask, found } = openAsker(100_000, { isComplete: false });
    for (let n = 0; n < 2; n++) ask("dune");
    assert.equal(found.length, 2);
  });
});

describe("a look that many share", () => {
  it("is taken at once by the first of a turn, and once for all behind it, after they came", async () => {
    let looks = 0;
    const turns: (() => void)[] = [];
    const look = shareLook(() => ++looks, (begin) => void turns.push(begin));
    assert.equal(look(), 1);
    const behind = [look(), look()];
    assert.equal(looks, 1);
    turns.shift()?.();
    assert.deepEqual(await Promise.all(behind), [2, 2]);
    // A turn of its own.
    assert.equal(look(), 3);
    turns.shift()?.();
    assert.deepEqual([looks, turns.length], [3, 0]);
  });

  it("that fails, fails for those who share it, and not for the next", async () => {
    const seen = [() => 1, () => assert.fail("away"), () => 3];
    const turns: (() => void)[] = [];
    const look = shareLook(() => seen.shift()?.(), (begin) => void turns.push(begin));
    assert.equal(look(), 1);
    const behind = [look(), look()];
    turns.shift()?.();
    for (const each of behind) await assert.rejects(Promise.resolve(each), /away/);
    assert.equal(look(), 3);
  });
});

describe("a question that many share", () => {
  it("is asked once for all who come while another is under way, and after they came", async () => {
    let asked = 0;
    const ask = shareQuestion(async () => {
      const mine = ++asked;
      await Promise.resolve();
      return mine;
    });
    const answers = [ask(), ask(), ask()];
    assert.equal(asked, 1);
    // What is known from before they came is not for them.
    assert.deepEqual(await Promise.all(answers), [1, 2, 2]);
    assert.equal(await ask(), 3);
  });

  it("that fails, fails for those who asked it, and not for the next", async () => {
    const answers = [Promise.reject(new Error("away")), Promise.resolve(2)];
    const ask = shareQuestion(() => answers.shift()!);
    const [first, second] = [ask(), ask()];
    await assert.rejects(first, /away/);
    assert.equal(await second, 2);
  });
});
