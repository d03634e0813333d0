/** Secrets of the configuration appear nowhere (K7). */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { errorOf } from "./load_text.ts";

const secret = "hunter2-S3cret";

describe("errors never show", () => {
  const cases: readonly (readonly [what: string, text: string, env?: Record<string, string>])[] = [
    ["a password of the wrong type", "db: { password: { hunter2-S3cret: 1 } }"],
    ["a password in a list", "db: { password: [hunter2-S3cret] }"],
    ["a password under a misspelt key", "db: { pasword: hunter2-S3cret }"],
    ["a password in place of a group", "db: hunter2-S3cret"],
    ["a password in place of the file", "hunter2-S3cret"],
    ["a password that begins as an alias", "db: { password: *hunter2-S3cret }"],
    ["a password that begins as a tag", "db: { password: !hunter2-S3cret }"],
    ["a password with an open quote", "db:\n  password: 'hunter2-S3cret\n"],
    ["a password with a bad escape", 'db:\n  password: "\\hunter2-S3cret"\n'],
    ["a password with a reserved sign", "db:\n  password: @hunter2-S3cret\n"],
    ["text after a password", "db:\n  password: 'x' hunter2-S3cret\n"],
    ["a password that looks like a variable", 'db: { password: "${hunter2}-S3cret" }'],
    ["a password with an unclosed variable", 'db: { password: "${hunter2-S3cret" }'],
    ["a password in a broker's address", "mq: { brokers: 'ann:hunter2-S3cret@b:1:2' }"],
    ["a token that is too short", "app: { operator_token: hunter2-S3cret }"],
    ["a token with a blank in it", "app: { operator_token: 'hunter2-S3cret hunter2-S3cret' }"],
    ["a variable as a token", 'app: { operator_token: "${P}" }', { P: secret }],
    ["a variable as a token's file", 'app: { operator_token_file: "${P}" }', { P: secret }],
    ["a variable in another key", 'mq: { topic: "${P}" }', { P: `${secret}!` }],
    ["a variable in a choice", 'db: { driver: "${P}" }', { P: secret }],
    ["a variable in a number", 'app: { port: "a${P}" }', { P: secret }],
    ["a variable in a list", 'mq: { brokers: ["${P}"] }', { P: secret }],
    [
      "a variable as authority's file",
      'mq: { brokers: "b:1", kafka: { security_protocol: SSL, ssl_ca_file: "${P}" } }',
      { P: secret },
    ],
    ["a variable that is a default", "mq: { adapter: kafka }", { KAFKA_SECURITY_PROTOCOL: secret }],
  ];
  for (const [what, text, env = {}] of cases) {
    it(what, async () => {
      const error = await errorOf(text, env);
      assert.doesNotMatch(Deno.inspect(error), /hunter2|S3cret/i);
    });
  }

  it("any piece of any password, however the file is broken around it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[!@#$%^&*"'`{}[\]|>\\:, -]{0,3}$/),
        fc.stringMatching(/^[!@#$%^&*"'`{}[\]|>\\:, -]{0,3}$/),
        async (before, after) => {
          // That is a variable's name, which has to be told where it is not set.
          fc.pre(!(before.endsWith("${") && after.startsWith("}")));
          const text = `nope: 1\ndb:\n  password: ${before}QQZZXX${after}\n`;
          assert.doesNotMatch((await errorOf(text)).message, /QQZZXX/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
