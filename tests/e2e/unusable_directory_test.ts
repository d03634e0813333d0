import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import assert from "node:assert/strict";
import { runTask, serviceFolder, startService } from "./service_process.ts";

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

  it("S7 deleted under a running shop: searches answer, and events are accepted without restart", async () => {
    await using folder = await serviceFolder(
      "{ app: { port: PORT }, db: { sqlite: { file: DIR/shelf.db } }, mq: { adapter: file, file: { directory: DIR/queue } } }",
    );
    await using service = await startService(folder);
    const search = async (query: string): Promise<string> => {
      const response = await fetch(`${service.url}/api/books?q=${query}`);
      await response.body?.cancel();
      assert.equal(response.status, 200);
      return response.headers.get("x-event-status") ?? "";
    };
    const deadline = performance.now() + 30_000;
    const untilAccepted = async (query: string): Promise<void> => {
      while (await search(query) !== "accepted") {
        assert.ok(performance.now() < deadline, "events are not accepted again");
      }
    };
    await untilAccepted("before");
    await Deno.remove(join(folder.path, "queue"), { recursive: true });
    await untilAccepted("after");
    await service.stop();
    const args = ["--config", folder.configFile, "--from", "earliest", "--until-end"];
    const { code, stdout, stderr } = await runTask("consume", args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /key=after,/);
  });
});
