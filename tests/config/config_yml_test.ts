import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "@std/yaml";
import { loadShopConfig, registeredAdapters } from "../../src/composition/configuration.ts";
import { environmentDefaults } from "../../src/config/environment_defaults.ts";
import { configSchema } from "../../src/config/schema.ts";
import { schemaKeys, schemaTree } from "../../src/config/schema_keys.ts";
import { topicNameFault } from "../../src/domain/topic_name.ts";
import { load } from "./load_text.ts";

const shipped = await Deno.readTextFile("config.yml");

describe("config.yml", () => {
  it("ships the schema's defaults", async () => {
    const config = await loadShopConfig({
      file: "config.yml",
      env: () => undefined,
      envFile: "no/.env",
    });
    assert.deepEqual({ ...config, variables: [] }, await load("{}"));
  });

  it("has every key of the schema and no other", () => {
    const keys = [...schemaKeys(schemaTree(configSchema(registeredAdapters))).keys()];
    assert.deepEqual(leaves(parse(shipped)).toSorted(), keys.toSorted());
  });

  it("says of every key what it is", () => {
    const bare = shipped.split("\n").filter((line) => /:\s*\S/.test(line) && !/ # \S/.test(line));
    assert.deepEqual(bare.filter((line) => !line.startsWith("#")), []);
  });

  it("names every variable that is a default", () => {
    for (const { variable } of environmentDefaults(registeredAdapters)) {
      assert.ok(shipped.includes(`\${${variable}:-`), variable);
    }
  });
});

describe("mq.topic", () => {
  it("is a topic's name whose dead letter topic is one too", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ minLength: 1, maxLength: 5, unit: "grapheme" }),
          fc.stringMatching(/^[a-zA-Z0-9._-]{1,4}$/),
          fc.integer({ min: 240, max: 252 }).map((length) => "t".repeat(length)),
        ),
        async (name) => {
          const legal = (topicNameFault(name) ?? topicNameFault(`${name}.dlq`)) === undefined;
          const text = `mq: { topic: ${JSON.stringify(name.replaceAll("$", "€"))} }`;
          const accepted = await load(text).then(() => true, () => false);
          assert.equal(accepted, legal);
        },
      ),
      { numRuns: 100, examples: [["."], [".."], ["a.b"], ["a/b"]] },
    );
  });
});

function leaves(tree: unknown, prefix = ""): string[] {
  if (typeof tree !== "object" || tree === null) return [prefix];
  return Object.entries(tree).flatMap(([name, value]) =>
    leaves(value, prefix === "" ? name : `${prefix}.${name}`)
  );
}
