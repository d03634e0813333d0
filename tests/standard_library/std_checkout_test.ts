import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { copyStd } from "./std_checkout.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "std_checkout_" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What of a checkout counts here: manifests, and a file in each package. */
async function writeCheckout(folder: string, names: Readonly<Record<string, string>>) {
  for (const [directory, name] of Object.entries(names)) {
    await Deno.mkdir(`${folder}/${directory}/deep`, { recursive: true });
    const exports = { ".": "./mod.ts", "./bdd": "./deep/bdd.ts" };
    await Deno.writeTextFile(`${folder}/${directory}/deno.json`, JSON.stringify({ name, exports }));
    await Deno.writeTextFile(`${folder}/${directory}/mod.ts`, "export {};");
    await Deno.writeTextFile(`${folder}/${directory}/deep/bdd.ts`, "export {};");
  }
}

const all = {
  yaml: "@std/yaml",
  testing: "@std/testing",
  assert: "@std/assert",
  internal: "@std/internal",
};

describe("a checkout of the standard library", () => {
  it("gives entries of its packages, which stand in the copy without their manifests", async () => {
    await inFolder(async (folder) => {
      await writeCheckout(`${folder}/std`, all);
      const imports = await copyStd(`${folder}/std`, `${folder}/copy`);
      assert.deepEqual(Object.keys(imports), [
        "@std/yaml",
        "@std/testing/bdd",
        "@std/assert",
        "@std/assert/bdd",
        "@std/internal",
        "@std/internal/bdd",
      ]);
      for (const url of Object.values(imports)) await Deno.stat(new URL(url));
      await assert.rejects(Deno.stat(`${folder}/copy/yaml/deno.json`), Deno.errors.NotFound);
    });
  });

  it("is refused where a package is missing or is another", async () => {
    await inFolder(async (folder) => {
      await assert.rejects(
        copyStd(folder, `${folder}/copy`),
        {
          message:
            `"${folder}" has no "yaml/deno.json", wanted a checkout of github.com/denoland/std`,
        },
      );
      await writeCheckout(folder, { ...all, yaml: "yaml" });
      await assert.rejects(
        copyStd(folder, `${folder}/copy`),
        { message: `"${folder}/yaml/deno.json" is of "yaml", wanted "@std/yaml"` },
      );
    });
  });
});
