/** The dependency rule sees every form of import, and decides as its law says. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { law } from "./dependency_law.ts";
import plugin from "./dependency_rule.ts";
import { rowOf, rows, within } from "./dependency_table.ts";
import { projectFiles, root } from "./project_files.ts";

/** The messages that `source` earns as the text of `file`, a path from the project's root. */
function lint(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, `${root.pathname}${file}`, source).map((found) =>
    found.message
  );
}

/** Each form with which a module can name another; `%` stands for the specifier. */
const forms = {
  "import": 'import { a } from "%";',
  "import of the default": 'import a from "%";',
  "import of the namespace": 'import * as a from "%";',
  "import for its effect": 'import "%";',
  "import with attributes": 'import a from "%" with { type: "json" };',
  "import type": 'import type { A } from "%";',
  "inline type": 'import { type A } from "%";',
  "export *": 'export * from "%";',
  "export * as": 'export * as a from "%";',
  "export type *": 'export type * from "%";',
  "export {} from": 'export { a } from "%";',
  "export type {} from": 'export type { A } from "%";',
  "import()": 'const a = await import("%");',
  "import() with a template": "const a = await import(`%`);",
  "type of import()": 'type A = import("%").A<string>;',
  "typeof import()": 'type A = typeof import("%");',
  "import = require()": 'import a = require("%");',
  "require()": 'const a = require("%");',
  "import() of a resolved name": 'await import(import.meta.resolve("%"));',
  "import.meta.resolve()": 'const a = import.meta.resolve("%");',
  "declare module": 'declare module "%" { interface A {} }',
  "a comment that names types": '// @ts-types="%"\nexport {};',
  "a reference comment": '/// <reference types="%" />\nexport {};',
};

/** Forms that take a file, never a package. */
const fileForms = {
  "new Worker()": 'new Worker(new URL("%", import.meta.url), { type: "module" });',
  "globalThis.Worker": 'new globalThis.Worker(new URL("%", import.meta.url));',
  "new Worker() of a resolved name": 'new Worker(import.meta.resolve("%"));',
  "new Worker() of a plain name": 'new Worker("%");',
  "new URL()": 'const a = new URL("%", import.meta.url);',
};

describe("the dependency rule sees", () => {
  for (const [name, text] of Object.entries({ ...forms, ...fileForms })) {
    it(`a file, by ${name}`, () => {
      const source = text.replace("%", "../../adapters/queue/memory/a.ts");
      const messages = lint("src/use_cases/search_books.ts", source);
      assert.equal(messages.length, 1, source);
      assert.match(
        messages[0] ?? "",
        /^"src\/use_cases" imports "adapters\/queue\/memory\/a\.ts" \(/,
      );
      assert.deepEqual(lint("src/use_cases/a.ts", text.replace("%", "../ports/clock.ts")), []);
    });
  }

  for (const [name, text] of Object.entries(forms)) {
    it(`a package, by ${name}`, () => {
      for (
        const specifier of [
          "kafkajs",
          "kafkajs/x",
          "npm:kafkajs@2.2.4",
          "npm:/kafkajs@^2/x",
          "jsr:kafkajs@1",
          "node:fs",
        ]
      ) {
        assert.equal(lint("src/http/app.ts", text.replace("%", specifier)).length, 1, specifier);
      }
      for (const specifier of ["hono", "hono/jsx", "npm:hono@4.13.19/jsx", "npm:/@hono/x@1/y"]) {
        assert.deepEqual(lint("src/http/app.ts", text.replace("%", specifier)), [], specifier);
      }
    });
  }

  it("JSX, which imports its library unseen, once a file", () => {
    const source = "export const a = <p><b /></p>; export const c = <></>;";
    assert.equal(lint("src/use_cases/a.tsx", source).length, 1);
    assert.deepEqual(lint("src/http/page/a.tsx", source), []);
  });

  it("new URL() without a leading ./, which is a file all the same", () => {
    const source = 'new Worker(new URL("kafka_log.ts", import.meta.url));';
    assert.deepEqual(lint("adapters/queue/kafka/a.ts", source), []);
    assert.match(
      lint("adapters/queue/memory/a.ts", 'new URL("../kafka/a.ts", import.meta.url)').join(),
      /kafka\/a\.ts/,
    );
  });
});

describe("the dependency rule refuses what it cannot read", () => {
  for (
    const source of [
      "await import(name);",
      "await import(`./${name}.ts`);",
      'await import("./" + name);',
      "new Worker(name);",
      "new globalThis.Worker(name);",
      "new Worker(new URL(name, import.meta.url));",
      "const a = require(name);",
      "import.meta.resolve(name);",
    ]
  ) {
    it(source, () => {
      for (
        const file of ["src/composition/a.ts", "src/domain/a.ts", "adapters/queue/registry.ts"]
      ) {
        assert.match(lint(file, source).join(), /of a computed name, wanted a literal/);
      }
      assert.deepEqual(lint("tests/e2e/a.ts", source), [], "tests are free");
    });
  }
});

describe("the dependency rule says", () => {
  it("what was imported, by which folder, and what that folder may import", () => {
    assert.deepEqual(lint("src/wire/a.ts", 'import type { A } from "../http/b.ts";'), [
      '"src/wire" imports "src/http/b.ts" (import); it may import its own folder, src/domain, src/ports, ' +
      "@opentelemetry/api, valibot",
    ]);
  });

  it("that a folder has no row", () => {
    for (const file of ["src/new/a.ts", "src/a.ts", "adapters/new/a.ts", "adapters/queue/a.ts"]) {
      assert.match(lint(file, 'import "./b.ts";').join(), /has no row in tests\/architecture/);
    }
  });

  it("where the client library of a new adapter is named", () => {
    assert.match(
      lint("adapters/queue/redis/redis_log.ts", 'import "ioredis";').join(),
      /; a client library is named in a row "adapters\/queue\/redis" of tests\/architecture\/dependency_table\.ts$/,
    );
    assert.doesNotMatch(lint("src/ports/a.ts", 'import "ioredis";').join(), /client library/);
  });
});

describe("the dependency rule holds for", () => {
  for (const [file, { may, mayNot }] of Object.entries(law)) {
    it(file, () => {
      for (const specifier of may) {
        assert.deepEqual(lint(file, `import "${specifier}";`), [], specifier);
      }
      for (const specifier of mayNot) {
        assert.equal(lint(file, `import "${specifier}";`).length, 1, specifier);
      }
    });
  }

  it("a declaration, which may import() its own adapter and nothing else", () => {
    const file = "adapters/queue/memory/declaration.ts";
    assert.deepEqual(lint(file, 'await import("./a.ts"); await import("./wing/b.ts");'), []);
    assert.equal(lint(file, 'import type { A } from "./a.ts";').length, 1);
    assert.equal(lint(file, 'await import("../kafka/a.ts");').length, 1);
    assert.equal(lint("adapters/queue/registry.ts", 'await import("./memory/a.ts");').length, 1);
    assert.equal(lint("adapters/queue/memory/a.ts", 'await import("../kafka/a.ts");').length, 1);
  });

  it("the front of the Kafka adapter, which loads the client that is chosen and no other", () => {
    const file = "adapters/queue/kafka/clients.ts";
    assert.deepEqual(lint(file, 'await import("./kafkajs/a.ts");'), []);
    assert.equal(lint(file, 'import type { A } from "./platformatic/a.ts";').length, 1);
    assert.equal(lint(file, 'await import("./new_wing/../../file_log/a.ts");').length, 1);
  });

  it("unit tests beside the code, which may use the test libraries too", () => {
    const source = 'import "@std/testing/bdd"; import "node:assert/strict"; import "fast-check"; ';
    assert.deepEqual(lint("src/domain/a_test.ts", `${source} import "./a.ts";`), []);
    assert.deepEqual(lint("adapters/queue/memory/a_test.ts", `${source} import "./a.ts";`), []);
    assert.equal(lint("src/domain/a.ts", source).length, 3);
    assert.equal(lint("src/domain/a_test.ts", 'import "../ports/clock.ts";').length, 1);
  });
});

describe("the table", () => {
  it("has no row without a law of its own", () => {
    const judged = new Set(Object.keys(law).map((file) => rowOf(file)?.key));
    assert.deepEqual(Object.keys(rows).filter((row) => !judged.has(row)), []);
  });
});

describe("wings", () => {
  const wings = Object.keys(rows).filter((key) =>
    !key.includes("*") && Object.keys(rows).some((front) => key.startsWith(`${front}/`))
  );
  /** The rows that the row may import from, and all that those may. */
  const below = (key: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const target of rowOf(key)?.row.project ?? []) {
      const row = rowOf(target)?.folder;
      if (row === undefined || seen.has(row)) continue;
      seen.add(row);
      below(row, seen);
    }
    return seen;
  };

  it("stand one above the other: none may import from one that may import from it", () => {
    assert.ok(wings.length > 0, "There are no wings");
    assert.deepEqual(wings.filter((wing) => below(wing).has(wing)), []);
  });

  it("have each a row of its own, also those of tomorrow", () => {
    const fronts = new Set(wings.map((wing) => wing.split("/").slice(0, -1).join("/")));
    const folders = new Set(
      projectFiles([...fronts]).map((file) => file.split("/").slice(0, -1).join("/")),
    );
    assert.deepEqual([...folders].filter((folder) => !Object.hasOwn(rows, folder)), []);
  });
});

describe("the tree", () => {
  const files = projectFiles(["src", "adapters"]).filter((file) => /\.tsx?$/.test(file));

  it("obeys the dependency rule", () => {
    assert.ok(files.length > 20, `Found ${files.length} files, wanted the whole project`);
    const broken = files.flatMap((file) =>
      lint(file, Deno.readTextFileSync(new URL(file, root))).map((message) => `${file}: ${message}`)
    );
    assert.deepEqual(broken, []);
  });

  it("has every folder and file that the table names", () => {
    const stale = Object.keys(rows).filter((row) =>
      !projectFiles(["src", "adapters"]).some((file) => within(file, row))
    );
    assert.deepEqual(stale, [], "rows that name nothing");
  });
});
