import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import type { BookCatalogue } from "../../../src/ports/book_catalogue.ts";
import { bookOf, faultOf, requestFor } from "../../contracts/catalogue_law.ts";

const login = { host: "127.0.0.1", user: "shop", password: "a secret", database: "shop" };

/** All calls say that it is away, soon, and none says the password. */
async function isAway(catalogue: BookCatalogue): Promise<void> {
  assert.equal((await catalogue.health()).status === "ok", false);
  const faults = await Promise.all([
    faultOf("unavailable", catalogue.search(requestFor("dune"))),
    faultOf("unavailable", catalogue.list({ offset: 0, limit: 1 })),
    faultOf("unavailable", catalogue.get(1)),
    faultOf("unavailable", catalogue.add(bookOf("Dune"))),
  ]);
  for (const fault of faults) {
    assert.ok(!`${fault.stack} ${fault.cause}`.includes(login.password));
  }
}

/** A port at which nobody listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

describe("MySQL catalogue without its server", () => {
  it("opens, and says that the database is away", async () => {
    await using catalogue = await openMysqlCatalogue({ ...login, port: freePort() });
    await isAway(catalogue);
  });

  it("opens within the connect time-out before a server that does not answer", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const catalogue = await openMysqlCatalogue({ ...login, port, connectTimeoutMs: 100 });
    await isAway(catalogue);
    await catalogue[Symbol.asyncDispose]();
  });

  it("opens before a server that hangs up", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const hangingUp = (async () => {
      for await (const connection of listener) connection.close();
    })();
    const catalogue = await openMysqlCatalogue({ ...login, port: listener.addr.port });
    await isAway(catalogue);
    await catalogue[Symbol.asyncDispose]();
    listener.close();
    await hangingUp;
  });
});
