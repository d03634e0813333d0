/** Texts on which a careless pattern takes the square of their length: two seconds are enough. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { canonicalJson } from "../../src/cli/canonical_json.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { load } from "../config/load_text.ts";
import { openApp } from "../http/open_app.ts";

/** What is quadratic takes several seconds then. */
const length = 30_000;
const budgetMs = 2000;

const many = (text: string): string => text.repeat(Math.floor(length / text.length));
const keys = (): string => Array.from({ length: length / 20 }, (_, n) => `k${n}: 1`).join("\n");

const configurations: Readonly<Record<string, string>> = {
  "colons of a host": `app: { host: "${many(":")}!" }`,
  "text without an @": `db: { driver: "${many("a")}" }`,
  "an open quote with escaped ones": `db: { user: "${many('\\"')}`,
  "apostrophes": `db: ${many("'")}`,
  "blanks before a quote": `db: -${many(" ")}"`,
  "blanks before a sign": `db:${many(" ")};`,
  "tabs": `a:\n${many("\t")}x`,
  "dashes": many("- "),
  "lists in lists": many("["),
  "questions": many("? "),
  "lines": many("\n"),
  "variables in variables": `db: { user: "${many("${A:-")}" }`,
  "keys": keys(),
  "brokers": `mq: { brokers: "${many("a,")}" }`,
};

const environments: Readonly<Record<string, string>> = {
  "blanks behind a sign": `A=${many(" ")}x`,
  "blanks without a name": `${many(" ")}x`,
  "blanks behind a name": `A${many(" ")}x`,
  "blanks behind export": `export${many(" ")}x`,
  "blanks behind a quote": `A="x"${many(" ")}y`,
  "quotes that the next line closes": many("A='\n"),
  "an open quote": `A="${many("\n")}`,
};

async function assertFast(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await work();
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < budgetMs, `${what}: ${Math.round(tookMs)} ms`);
}

/** Faulty ones are told; nothing else may happen. */
const loaded = (content: string, dotEnv?: string): Promise<void> =>
  load(content, {}, dotEnv).then(() => {}, (error) => assert.ok(error instanceof ConfigError));

describe("no text takes the square of its length", () => {
  it("as a configuration", async () => {
    for (const [what, text] of Object.entries(configurations)) {
      await assertFast(what, () => loaded(text));
    }
  });

  it("as .env", async () => {
    for (const [what, text] of Object.entries(environments)) {
      await assertFast(what, () => loaded("{}", text));
    }
  });

  it("as a number in JSON", async () => {
    // deno-lint-ignore require-await -- as the others are
    await assertFast("zeros", async () => canonicalJson(`1${many("0")}1`));
  });

  it("as a header or a query", async () => {
    const { app } = openApp([{ title: "Dune", author: "Frank Herbert" }]);
    const names = [
      "Cookie",
      "If-None-Match",
      "Accept",
      "traceparent",
      "tracestate",
      "X-Request-Id",
    ];
    for (
      const name of [...names, "Sec-Purpose", "X-Forwarded-Proto", "Authorization", "Forwarded"]
    ) {
      for (const text of [",", ";", "=", '"', "a,", 'W/"a" ', "uid=", "a=b;", "a =", "Bearer  "]) {
        const headers = { [name]: `${many(text)}x` };
        for (const path of ["/?q=dune", "/api/books/1"]) {
          await assertFast(`${name}: ${text}`, async () => {
            await (await app.request(path, { headers })).body?.cancel();
          });
        }
      }
    }
    for (const text of ["%", "+", "%20", "&", "=", "q&", "-", "0-"]) {
      for (const path of [`/?q=${many(text)}`, `/?${many(text)}`, `/api/books?c=${many(text)}`]) {
        await assertFast(path.slice(0, 20), async () => {
          await (await app.request(path)).body?.cancel();
        });
      }
    }
  });
});
