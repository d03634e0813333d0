/**
 * A process of its own that opens a catalogue with the starter shelf: `open_catalogue.ts NAME
 * OPTIONS [KILL_AT]`, options as JSON. With KILL_AT it is killed as soon as so many books are
 * loaded. Prints how many the shelf has after the first 9,999.
 */
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
const { books, hasMore } = await catalogue.list({ offset: 9_999, limit: 1 });
console.log(books.length + (hasMore ? 1 : 0));
