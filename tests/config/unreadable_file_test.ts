/** Files that are no configuration: each is refused in words that hold nothing of it. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { errorOf, load } from "./load_text.ts";

describe("a configuration file", () => {
  const faulty: readonly (readonly [name: string, text: string | Uint8Array, says: RegExp])[] = [
    ["that is empty", "", /is empty/],
    ["of comments only", "# nothing\n", /is empty/],
    ["that is a list", "- app\n", /holds a list, wanted a mapping/],
    ["that is a word", "app\n", /holds a single value, wanted a mapping/],
    ["that is not UTF-8", new Uint8Array([0x61, 0x3a, 0xff]), /is not UTF-8/],
    ["with a broken list", "app: {}\nmq: [1\n", /is not valid YAML at line \d+, column \d+: /],
    [
      "with a key twice",
      "app: {}\napp: {}\n",
      /YAML at line 2, column 1: a key stands twice, wanted/,
    ],
    ["with tabs", "app:\n\tport: 1\n", /is indented with a tab on line 2, wanted spaces/],
    ["with a tab after spaces", "app:\n # a\n  \tport: 1\n", /indented with a tab on line 3/],
    ["of two documents", "app: {}\n---\nmq: {}\n", /is not valid YAML: .*document/],
    ["with an anchor", "app: &a {}\n", /begins with "&" on line 1/],
    ["with an alias", "app: {}\ndb: { password: *abc }\n", /begins with "\*" on line 2/],
    ["with a tag", "db:\n  password: !abc\n", /begins with "!" on line 2/],
    [
      "with a number that begins with 0",
      "app:\n  port: 08080 # c\n",
      /a value on line 2 that is a/,
    ],
    ["with an underscore in a number", "mq: {topic: 1_000}\n", /a number to some readers of YAML/],
    ["nested without end", "a: " + "[".repeat(60_000), /is not valid YAML/],
    ["larger than 64 KiB", "#".repeat(70_000), /is larger than 65536 bytes/],
  ];
  for (const [name, text, says] of faulty) {
    it(`${name} is refused`, async () => {
      const { message, faults } = await errorOf(text);
      assert.match(message, says);
      assert.equal(faults.length, 1);
    });
  }

  it("may begin with a byte order mark and end its lines as Windows does", async () => {
    const error = await errorOf("\uFEFFapp:\r\n  prot: 1\r\n");
    assert.deepEqual(error.faults.map(({ path }) => path), ["app.prot"]);
  });

  it("may have tabs where they indent nothing", async () => {
    const error = await errorOf("app:\n\t\n\t# c\n  prot:\t1\t# d\n");
    assert.deepEqual(error.faults.map(({ path }) => path), ["app.prot"]);
  });

  it("may have !, & and * in quotes and comments", async () => {
    const error = await errorOf(
      "db: { user: '!a', password: \"*b\" } # it's: &c\nx: 1\n# - *d\n",
    );
    assert.deepEqual(error.faults.map(({ path }) => path), ["x"]);
  });

  it("may have text that only looks a little like a number", async () => {
    const texts = [
      "10.0.0.1",
      "2026-01-01",
      "v0_1",
      "08:30",
      "'017'",
      '"1_000"',
      "0",
      "0.5",
      "1e3",
    ];
    const error = await errorOf(`x: [${texts.join(", ")}]\ny: 0x1f\n`);
    assert.deepEqual(error.faults.map(({ path }) => path), ["x", "y"]);
  });

  it("that does not exist is a fault", async () => {
    await assert.rejects(
      loadShopConfig({ file: "no/such.yml", env: () => undefined, envFile: "no/.env" }),
      /no\/such\.yml does not exist \(looked for in "\/.+"\), wanted a file/,
    );
  });

  it("that is a directory is a fault", async () => {
    await assert.rejects(
      loadShopConfig({ file: "src", env: () => undefined, envFile: "no/.env" }),
      /is a directory/,
    );
  });
});

describe("a .env file", () => {
  it("with a line that is no variable is a fault that does not show it", async () => {
    const { message } = await errorOf("{}", {}, 'A="x\ny"\n\nPASSWORD hunter2\n');
    assert.match(message, /\.env has no variable on line 4, wanted NAME=value/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it("with a value that would be cut or glued is a fault that names the line, never the value", async () => {
    const cases: [string, RegExp][] = [
      ["OK=1\nDB_PASSWORD=pa#ss\n", /has a "#" in a value on line 2, wanted quotes of one kind/],
      ["A=#hunter2", /has a "#" in a value on line 1/],
      ["A='hunter2\nB=2\n", /has a quote that is not closed on line 1/],
      ['A="hunter2"x\n', /has text behind a closing quote on line 1/],
      ["A='a\nb'x\nB=1", /has text behind a closing quote on line 2/],
    ];
    for (const [text, expected] of cases) {
      const { message } = await errorOf("{}", {}, text);
      assert.match(message, expected);
      assert.doesNotMatch(message, /hunter2|pa#ss|pa\b/);
    }
  });

  it("gives what stands in it, whatever is quoted and whatever is a comment", async () => {
    const text = [
      "A='pa#ss'",
      'B="x" # a comment',
      "C=plain # a comment",
      "D=pa\"s's",
      'E="one\ntwo"',
      "F=a=b",
      "export G = g ",
      "H=",
      "",
    ].join("\n");
    const names = ["A", "B", "C", "D", "E", "F", "G", "H"];
    const all = names.map((name) => `\${${name}}`).join("|");
    const config = await load(`db: { password: ${JSON.stringify(all)} }`, {}, text);
    assert.equal(config.db.password, "pa#ss|x|plain|pa\"s's|one\ntwo|a=b|g|");
  });

  it("takes as long as it is long, not its square", async () => {
    const began = performance.now();
    await errorOf("{}", {}, `A=1\n${" ".repeat(200_000)}x`);
    await errorOf("{}", {}, `A=${" ".repeat(200_000)}'`);
    assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
  });

  it("that is not UTF-8 is a fault", async () => {
    assert.match(
      (await errorOf("{}", {}, new Uint8Array([0x41, 0x3d, 0xff]))).message,
      /not UTF-8/,
    );
  });
});
