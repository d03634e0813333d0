/**
 * Promise 2 through the front door: whatever was answered with `accepted` is in the log after the
 * process has ended.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runTask, serviceFolder, startService } from "./service_process.ts";

const config = [
  "app: { port: PORT }",
  "db: { sqlite: { file: DIR/shelf.db } }",
  "mq: { adapter: file, file: { directory: DIR/queue } }",
].join("\n");

const acceptedBeforeTheEnd = 200;

describe("accepted events", () => {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`are all in the log after ${signal} under load`, async () => {
      await using folder = await serviceFolder(config);
      await using service = await startService(folder);
      const accepted: string[] = [];
      let ending: Promise<unknown> | undefined;
      const search = async (visitor: number): Promise<void> => {
        for (let n = 0;; n++) {
          // The process goes while requests are under way: those were answered with nothing.
          const response = await fetch(`${service.url}/api/books?q=v${visitor}n${n}`).catch(
            () => {},
          );
          const body = await response?.text().catch(() => undefined);
          if (response === undefined || body === undefined) return;
          assert.equal(response.status, 200);
          if (response.headers.get("x-event-status") !== "accepted") continue;
          accepted.push(response.headers.get("x-event-id") ?? "");
          if (accepted.length >= acceptedBeforeTheEnd) ending ??= service.stop(signal);
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, visitor) => search(visitor)));
      await ending;
      const stored = await storedIds(folder.configFile);
      const missing = accepted.filter((id) => !stored.has(id));
      assert.equal(missing.length, 0, `${missing.length} of ${accepted.length} are missing`);
      console.log(`${signal}: ${accepted.length} accepted, 0 missing, ${stored.size} in the log`);
    });
  }
});

async function storedIds(configFile: string): Promise<ReadonlySet<string>> {
  const options = ["--config", configFile, "--from", "earliest", "--until-end", "--format", "json"];
  const { stdout, code, stderr } = await runTask("consume", options);
  assert.equal(code, 0, stderr);
  return new Set(
    stdout.trimEnd().split("\n").map((line) => Object.fromEntries(JSON.parse(line).headers).ce_id),
  );
}
