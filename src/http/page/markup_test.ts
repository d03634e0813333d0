import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { documentOf, type Markup, markup, type Part } from "./markup.ts";

const htmlOf = (page: Markup): string => documentOf(page).replace("<!DOCTYPE html>", "");

describe("a template of HTML", () => {
  it("escapes texts, and nothing that a template made", () => {
    const evil = `</p><script>alert("1")</script>'&`;
    const told = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;";
    assert.equal(htmlOf(markup`<p title="${evil}">${evil}</p>`), `<p title="${told}">${told}</p>`);
    const inner = [markup`<b>${"<"}</b>`, markup`<i>${1}</i>`];
    assert.equal(htmlOf(markup`<p>${inner}${false}</p>`), "<p><b>&lt;</b><i>1</i></p>");
  });

  it("takes no text out of its place, whatever it is", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (value, text) => {
      const html = htmlOf(markup`<p title="${value}">${text}</p>`);
      const [, quoted = "", inside = ""] = /^<p title="([^"]*)">([^<>"']*)<\/p>$/.exec(html) ?? [];
      const read = (escaped: string): string =>
        escaped.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
      assert.deepEqual([read(quoted), read(inside)], [value, text]);
    }));
  });

  it("believes no data that looks like HTML of ours", () => {
    const made = Object.getOwnPropertySymbols(markup`<b></b>`);
    assert.equal(made.length, 1);
    const forged = JSON.parse('{"made":"<script>","Symbol(HTML)":"<script>"}');
    assert.throws(() => markup`<p>${forged as Part}</p>`, TypeError);
  });

  it("folds as JSX does: a space within a text or a tag, nothing beside tags and parts", () => {
    const html = htmlOf(markup`
      <p
        class="a"
        id="b"
      >
        one
        two <b>${"three"}</b> four
        ${"five"}
      </p>`);
    assert.equal(html, '<p class="a" id="b">one two <b>three</b> fourfive</p>');
  });

  it("refuses parts that no escaping keeps in, whatever they are", () => {
    const templates: readonly (() => Markup)[] = [
      () => markup`<a href=${"x"}>x</a>`,
      () => markup`<a ${"x"}>x</a>`,
      () => markup`<${"a"}>x</a>`,
      () => markup`<a title="x>y" ${"x"}>x</a>`,
      () => markup`<a title='${"x"}'>x</a>`,
      () => markup`<a href="x"${"x"}>x</a>`,
      () => markup`<script>${"x"}</script>`,
      () => markup`<style>${"x"}</style>`,
      () => markup`<!-- ${"x"} -->`,
    ];
    for (const template of templates) assert.throws(template, TypeError);
  });
});
