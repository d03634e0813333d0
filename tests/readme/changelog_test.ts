import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import project from "../../deno.json" with { type: "json" };
import { root } from "../architecture/project_files.ts";

const text = await Deno.readTextFile(new URL("CHANGELOG.md", root));
const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);
const versions = headings.map((heading) => /^\[(.+)\] - \d{4}-\d\d-\d\d$/.exec(heading)?.[1]);

/** A text that sorts as versions of up to four digits each do. */
const sortable = (version: string): string =>
  version.split(".").map((part) => part.padStart(4, "0")).join(".");

describe("CHANGELOG.md", () => {
  it("has the version of deno.json as its newest", () => {
    assert.equal(versions[0], project.version);
  });

  it("has a version and a date in each heading, the newest first", () => {
    const known = versions.map((version = "") => sortable(version));
    assert.deepEqual(
      versions.map((version) => /^\d+\.\d+\.\d+$/.test(version ?? "")),
      known.map(() => true),
    );
    assert.deepEqual(known, known.toSorted().toReversed());
    assert.equal(new Set(known).size, known.length);
  });

  it("says what is added, changed, deprecated, removed, fixed or about security", () => {
    const kinds = [...text.matchAll(/^### (.*)$/gm)].map(([, kind = ""]) => kind);
    const allowed = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    assert.deepEqual(kinds.filter((kind) => !allowed.includes(kind)), []);
  });
});
