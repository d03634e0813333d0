/**
 * What is loaded behind the first answers, and cannot be: whoever needs it is told at once, and the
 * shop goes on with the rest. (A file that must not be read stands for one that is gone or broken.)
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { until } from "../cli/run_command.ts";
import { serviceFolder, startService } from "./service_process.ts";

const config = `
app: { port: PORT }
db: { sqlite: { file: DIR/shelf.db } }
mq: { adapter: file, file: { directory: DIR/queue } }
`;

const late = [
  "src/http/page/pages.ts",
  "src/composition/start_consumers.ts",
  "src/composition/audit.ts",
];

const patienceMs = 20_000;

describe("a shop whose late modules cannot be loaded", () => {
  it("answers searches, says what is missing, and keeps nobody waiting", async () => {
    await using folder = await serviceFolder(config);
    const files = late.map((file) => new URL(`../../${file}`, import.meta.url).pathname);
    await using shop = await startService(folder, { flags: [`--deny-read=${files.join(",")}`] });

    const page = await fetch(`${shop.url}/`);
    assert.equal(page.status, 500);
    assert.equal((await page.json()).type, "/problems/internal");

    const search = await fetch(`${shop.url}/api/books?q=dune`);
    assert.equal(search.status, 200);
    assert.match(search.headers.get("X-Event-Status") ?? "", /^(accepted|pending)$/);
    await search.body?.cancel();

    const trendsDetail = async (): Promise<string> => {
      const { queues } = await (await fetch(`${shop.url}/readyz`)).json();
      return queues.trends?.detail ?? "";
    };
    await until(async () => (await trendsDetail()).includes("start_consumers.ts"), patienceMs);
    await shop.logged(/(The ledger is not audited)/);
    const { code } = await shop.stop();
    assert.equal(code, 0);
  });
});
