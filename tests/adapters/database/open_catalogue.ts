/**
 * A process of its own that opens a catalogue with the starter shelf: `open_catalogue.ts NAME
 * OPTIONS [KILL_AT]`, options as JSON. With KILL_AT it is killed as soon as so many books are
 * loaded, or with the word "indexing" some hundred books of an older shelf are indexed. Prints how
 * many the shelf has after the first 9,999.
 */
import { DatabaseSync } from "node:sqlite";
import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";

const [name, json = "", killAt] = Deno.args;
const options = {
  ...JSON.parse(json),
  onShelfProgress(loaded: number) {
    if (loaded >= Number(killAt)) Deno.kill(Deno.pid, "SIGKILL");
  },
};

await using catalogue = await (name === "mysql" ? openMysqlCatalogue : openSqliteCatalogue)(
  options,
);
if (killAt === "indexing") {
  using database = new DatabaseSync(options.file, { readOnly: true });
  const indexed = database.prepare("SELECT count(*) AS books FROM shelfcast_forms");
  while (Number(indexed.get()?.books) < 500) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  Deno.kill(Deno.pid, "SIGKILL");
}
const { count, next } = await catalogue.list({ offset: 9_999, limit: 1 });
console.log(count + (next === undefined ? 0 : 1));
