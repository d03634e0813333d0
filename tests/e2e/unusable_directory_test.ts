import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import assert from "node:assert/strict";
import { runTask, serviceFolder } from "./service_process.ts";

const config = "{ app: { port: PORT }, mq: { adapter: file, file: { directory: DIR/queue } } }";

describe("a file log whose directory cannot be used", () => {
  for (const taken of ["queue", "queue/lr-book-searches"]) {
    it(`where "${taken}" is a file, says so once`, async () => {
      await using folder = await serviceFolder(config);
      const path = join(folder.path, taken);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeTextFile(path, "");
      const args = ["--config", folder.configFile, "--value", "x"];
      const { code, stderr } = await runTask("produce", args);
      assert.equal(code, 1);
      assert.ok(stderr.includes(taken), stderr);
      assert.doesNotMatch(stderr, /(Could not [^:]*): \1/);
    });
  }
});
