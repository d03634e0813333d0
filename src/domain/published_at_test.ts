import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parsePublishedAt } from "./published_at.ts";

describe("parsePublishedAt()", () => {
  it("takes years, before the common era too, as numbers and as text", () => {
    assert.equal(parsePublishedAt(1997), "1997");
    assert.equal(parsePublishedAt(-750), "-750");
    assert.equal(parsePublishedAt("-1750"), "-1750");
    assert.equal(parsePublishedAt("8"), "8");
  });

  it("takes real days only", () => {
    assert.equal(parsePublishedAt("1997-06-26"), "1997-06-26");
    assert.equal(parsePublishedAt("2000-02-29"), "2000-02-29");
    assert.equal(parsePublishedAt("0099-12-31"), "0099-12-31");
    for (const day of ["1900-02-29", "2001-04-31", "2001-13-01", "2001-00-10", "0000-01-01"]) {
      assert.equal(parsePublishedAt(day), undefined, day);
    }
  });

  it("takes nothing else", () => {
    const others = [0, "0", "-0", "007", 19.5, 10000, Number.NaN, "", " 1997", "1997 ", "c. 1997"];
    for (const other of [...others, "1997-6-26", "1997-06-26T00:00:00Z", null, true, {}]) {
      assert.equal(parsePublishedAt(other), undefined, JSON.stringify(other));
    }
  });
});
