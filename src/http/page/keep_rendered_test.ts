import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keepRendered } from "./keep_rendered.ts";
import { type Markup, markup } from "./markup.ts";

const page = () => ({ json: new Uint8Array(100) });

/** Counts what it renders. */
function counted(maxBytes: number) {
  let count = 0;
  const rendered = keepRendered(({ json }: ReturnType<typeof page>) => {
    count += 1;
    return markup`<p>${json.length}</p>`;
  }, maxBytes);
  return { rendered, count: () => count };
}

describe("rendered books of pages", () => {
  it("are kept from the second time on", () => {
    const { rendered, count } = counted(100_000);
    const same = page();
    const all: Markup[] = Array.from({ length: 5 }, () => rendered({ ...same }));
    assert.equal(count(), 2);
    assert.equal(all[4], all[1]);
    rendered(page());
    assert.equal(count(), 3);
  });

  it("are forgotten where others come, so that all together stay within the bound", () => {
    const { rendered, count } = counted(10_000);
    const [often, once] = [page(), page()];
    for (const each of [often, often, once, once]) rendered(each);
    for (let n = 0; n < 100; n++) {
      rendered(often);
      rendered(page());
    }
    assert.equal(count(), 104);
    rendered(once);
    assert.equal(count(), 105);
  });

  it("that are larger than half of the bound are rendered each time", () => {
    const { rendered, count } = counted(500);
    const large = page();
    for (let n = 0; n < 3; n++) rendered(large);
    assert.equal(count(), 3);
  });
});
