/**
 * What the program knows of adapters it has from what they declare, and it loads no more of them
 * than that.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { databaseAdapters } from "../../adapters/database/registry.ts";
import { queueAdapters } from "../../adapters/queue/registry.ts";
import { registeredAdapters } from "../../src/composition/configuration.ts";
import { environmentDefaults } from "../../src/config/environment_defaults.ts";
import { projectFiles, root } from "./project_files.ts";

const names = [...Object.keys(queueAdapters), ...Object.keys(databaseAdapters)];

/** The code of a file without its comments. */
const codeOf = (file: string): string =>
  Deno.readTextFileSync(new URL(file, root)).replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, "");

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
}

/** The modules that a file loads when it is run, before anything is imported by `import()`. */
async function loadedBy(entry: string): Promise<ReadonlySet<string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: root,
    stdout: "piped",
    stderr: "null",
  }).output();
  const { modules, roots }: { modules: readonly Module[]; roots: readonly string[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const loaded = new Set<string>();
  const load = (specifier: string): void => {
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    const { dependencies = [] } = modules.find((module) => module.specifier === specifier) ?? {};
    for (const dependency of dependencies) {
      const isLater = Reflect.get(dependency, "isDynamic") === true;
      const target = dependency.code?.specifier;
      if (target !== undefined && !isLater) load(target);
    }
  };
  roots.forEach(load);
  return new Set([...loaded].map((specifier) => specifier.replace(root.href, "")));
}

describe("the program", () => {
  it("asks for no adapter by its name", () => {
    const word = new RegExp(`["'\`](?:${names.join("|")})["'\`]`);
    assert.match('mq.adapter === "kafka"', word);
    const asking = projectFiles(["src"]).filter((file) =>
      /\.tsx?$/.test(file) && word.test(codeOf(file))
    );
    assert.deepEqual(asking, []);
  });

  for (const entry of ["src/main.ts", "src/cli.ts"]) {
    it(`${entry} loads of an adapter what it declares, and no client library`, async () => {
      const loaded = [...await loadedBy(entry)];
      const own = loaded.filter((path) => /^adapters\/(?:queue|database)\//.test(path));
      assert.ok(own.includes("adapters/queue/kafka/declaration.ts"), own.join());
      assert.deepEqual(
        own.filter((path) => !/\/(?:registry|declaration)\.ts$/.test(path)),
        [],
      );
      const client = /kafkajs|@platformatic|mysql2|node:sqlite/;
      assert.deepEqual(loaded.filter((path) => client.test(path)), []);
    });
  }
});

describe("what adapters declare", () => {
  it("hides no key of another adapter, nor one of all", () => {
    for (const { declared } of Object.values(registeredAdapters)) {
      const shared = ["adapter", "driver", "topic", "topics", "accept_timeout_ms"];
      const keys = [
        ...shared,
        ...Object.keys(declared),
        ...Object.values(declared).flatMap(({ beside = {} }) => Object.keys(beside)),
      ];
      assert.deepEqual(keys.filter((key, n) => keys.indexOf(key) !== n), []);
    }
    const variables = environmentDefaults(registeredAdapters).map(({ variable }) => variable);
    assert.equal(new Set(variables).size, variables.length);
  });
});
