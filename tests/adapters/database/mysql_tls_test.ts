/** TLS to a real server, whose account asks for it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type MysqlCatalogueOptions,
  openMysqlCatalogue,
} from "../../../adapters/database/mysql/mysql_catalogue.ts";
import { bookOf, faultOf, finds } from "../../contracts/catalogue_law.ts";
import { createMysqlDatabase, mysqlMissing } from "../../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../../services/report_missing.ts";

type Open = (options: Partial<MysqlCatalogueOptions>) => ReturnType<typeof openMysqlCatalogue>;

/** An account with REQUIRE SSL, and the authority of the server. */
async function withAccount(law: (open: Open, ca: string) => Promise<void>): Promise<void> {
  await using database = await createMysqlDatabase();
  const { login, execute } = database;
  const user = "shelfcast_tls";
  const [authority] = await execute(
    `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED BY '${login.password}' REQUIRE SSL`,
    `GRANT ALL PRIVILEGES ON ${login.database}.* TO ${user}@'%'`,
    "SELECT @@ssl_ca AS path",
  );
  const path: unknown = Reflect.get(Object(authority), "path");
  assert.ok(typeof path === "string" && path !== "", "the server has no certificates");
  const ca = await Deno.readTextFile(path);
  await law((options) => openMysqlCatalogue({ ...login, user, shelf: "empty", ...options }), ca);
}

describe("MySQL over TLS", () => {
  if (mysqlMissing !== undefined) return reportMissing("TLS", mysqlMissing);

  it("on, with one's own authority: books are added and found", () =>
    withAccount(async (open, ca) => {
      await using catalogue = await open({ ssl: { ca } });
      await catalogue.add(bookOf("Dune"));
      await finds(catalogue, "dune", ["Dune"]);
    }));

  it("off, where the account requires it: the start ends, and the advice names db.ssl", () =>
    withAccount(async (open) => {
      const fault = await faultOf("failed", open({}));
      assert.match(fault.message, /wanted the right db\.user and db\.password, and db\.ssl: on/);
    }));

  it("on, with an authority that did not sign: the start ends, and names db.ssl_ca_file", () =>
    withAccount(async (open) => {
      const fault = await faultOf("failed", open({ ssl: {} }));
      assert.match(
        fault.message,
        /wanted a certificate for db\.host by an authority that db\.ssl_ca_file/,
      );
    }));
});
