/** A shop whose database server is stopped under it, and started again. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { until } from "../cli/run_command.ts";
import { finished } from "../finished_process.ts";
import { requireService } from "../services/require_service.ts";
import { serviceFolder, startService } from "./service_process.ts";

// A server of the test's own is started, where the tests' one shows that there can be one.
const { address } = requireService("SHELFCAST_TEST_MYSQL", "MySQL or MariaDB");

async function mariadb(command: "start" | "stop", data: string): Promise<string> {
  const script = new URL("../services/mariadb.sh", import.meta.url).pathname;
  const child = new Deno.Command("bash", {
    args: [script, command, data],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await finished(child);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

describe("shop whose MariaDB is stopped", () => {
  if (address === undefined) return;

  it("says so in log, /readyz and metrics, refuses meanwhile, and is well when it is back", async () => {
    const data = await Deno.makeTempDir({ prefix: "shelfcast_mariadb_" });
    await using cleaning = new AsyncDisposableStack();
    cleaning.defer(() => Deno.remove(data, { recursive: true }));
    const { hostname, port, username, password, pathname } = new URL(
      await mariadb("start", data),
    );
    cleaning.defer(async () => void await mariadb("stop", data));
    const database = pathname.slice(1);
    const login = { host: hostname, port: Number(port), user: username, password, database };
    await using folder = await serviceFolder(
      `app: { port: PORT }\ndb: ${JSON.stringify(login)}\nmq: { adapter: memory }\n`,
    );
    await using shop = await startService(folder);
    const search = async () => {
      const response = await fetch(`${shop.url}/api/books?q=dune`);
      await response.body?.cancel();
      return response.status;
    };
    const ready = async () => await (await fetch(`${shop.url}/readyz`)).json();
    const healthy = async () =>
      /^shelfcast_catalogue_healthy(?:\{[^}]*\})? (\d)$/m.exec(
        await (await fetch(`${shop.url}/metrics`)).text(),
      )?.[1];
    assert.equal(await search(), 200);
    await mariadb("stop", data);
    await until(async () => await search() === 503, 20_000);
    await shop.logged(/(catalogue[^\n]*)/i);
    await until(async () => (await ready()).catalogue?.since !== undefined, 20_000);
    const { status, catalogue } = await ready();
    assert.equal(status, "unavailable");
    assert.deepEqual([catalogue.status, catalogue.reason], ["degraded", "unavailable"]);
    assert.match(catalogue.detail, new RegExp(`MySQL at "${hostname}:${port}"`));
    await until(async () => await healthy() === "0", 20_000);
    await mariadb("start", data);
    await until(async () => await search() === 200, 30_000);
    await until(async () => (await ready()).status === "ok", 20_000);
    await until(async () => await healthy() === "1", 20_000);
  });
});
