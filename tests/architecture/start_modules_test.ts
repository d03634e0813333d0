/** What a start loads before its first answer: little, and nothing of what takes long to load. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { root } from "./project_files.ts";

/** Each takes a third of an empty process's time to load, or about as long as one takes. */
const slow = [
  "node:path",
  "node:util",
  "node:fs",
  "node:fs/promises",
  "node:net",
  "node:http",
  "node:zlib",
  "node:stream",
  "node:crypto",
  "node:module",
];

/** What a shop loads by its configuration: that of `deno task start`. */
const shop = [
  "src/main.ts",
  "adapters/database/sqlite/sqlite_catalogue.ts",
  "adapters/queue/file_log/file_log_of_shop.ts",
];

/**
 * Each takes a third of a millisecond. What no first answer needs is loaded behind it
 * (`shop.begin()` in src/composition), or with the first who asks for it.
 */
const mostOwnModules = 226;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** All that a file imports, and what that imports; `import()` does not count. */
async function loadedBy(entry: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(entry, root).pathname],
    cwd: root,
    stderr: "null",
  }).output();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map<string, Module>(modules.map((one: Module) => [one.specifier, one]));
  const loaded = new Set<string>(roots);
  for (const name of loaded) {
    for (const { code, isDynamic } of byName.get(name)?.dependencies ?? []) {
      if (code?.specifier !== undefined && isDynamic !== true) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

describe("a start", () => {
  // Code that was compiled under other flags is compiled anew, and kept instead of the first.
  it("finds its code compiled, whichever task ran before", async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const commands = Object.values<{ readonly command: string }>(tasks).map(({ command }) =>
      command
    );
    const own = commands.filter((command) => / src\/(main|cli)\.ts\b/.test(command));
    assert.ok(own.length > 5, `${own.length} tasks`);
    for (const command of own) assert.match(command, /^deno run --v8-flags=--no-lazy /);
  });

  for (
    const [entry, without] of [
      ["src/main.ts", slow],
      ["adapters/queue/file_log/file_log_of_shop.ts", slow],
      ["adapters/database/sqlite/sqlite_catalogue.ts", slow],
      // A Worker loads again what it needs, and needs little.
      ["adapters/database/sqlite/writer_worker.ts", slow],
    ] as const
  ) {
    it(`loads nothing with ${entry} that takes long to load`, async () => {
      const loaded = await loadedBy(entry);
      assert.ok(loaded.length > 20, `${loaded.length} modules`);
      assert.deepEqual(loaded.filter((name) => without.includes(name)), []);
    });
  }

  it(`loads at most ${mostOwnModules} modules of our own, and no library but these`, async () => {
    const loaded = new Set((await Promise.all(shop.map(loadedBy))).flat());
    const own = [...loaded].filter((name) => /^file:.*\.tsx?$/.test(name));
    assert.ok(own.length <= mostOwnModules, `${own.length} modules`);
    const libraries = [...loaded].flatMap((name) => /^npm:\/?(@?[^@]+)@/.exec(name)?.[1] ?? []);
    assert.deepEqual([...new Set(libraries)].toSorted(), [
      "@noble/hashes",
      "hono",
      "js-yaml",
      "valibot",
    ]);
  });
});
