import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { absolutePath, folderOf } from "./file_path.ts";

describe("a path", () => {
  for (
    const [path, folder] of [
      ["a", "."],
      ["", "."],
      ["a/b", "a"],
      ["a/b/", "a"],
      ["/a", "/"],
      ["//a", "/"],
      ["/", "/"],
      ["/a/b.c", "/a"],
      ["../a", ".."],
    ] as const
  ) {
    it(`"${path}" stands in "${folder}"`, () => {
      assert.equal(folderOf(path), folder);
    });
  }

  it("begins at the working directory unless it is absolute", () => {
    assert.equal(absolutePath("/a/b"), "/a/b");
    assert.equal(absolutePath("a/b"), `${Deno.cwd()}/a/b`);
  });
});
