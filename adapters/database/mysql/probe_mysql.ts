import { systemClock } from "../../../src/ports/clock.ts";
import { openConnections } from "./connections.ts";
import type { MysqlCatalogueOptions } from "./mysql_catalogue.ts";

const timeoutMs = 5000;

/**
 * What a database server says of itself, in words; changes nothing.
 *
 * @throws {CatalogueError} by rejection, where it cannot be reached or refuses the credentials or the database.
 */
export async function probeMysql(
  options: Pick<MysqlCatalogueOptions, "host" | "port" | "user" | "password" | "database">,
): Promise<string> {
  const connections = openConnections({
    ...options,
    poolSize: 1,
    connectTimeoutMs: timeoutMs,
    clock: systemClock,
  });
  try {
    await connections.run(timeoutMs, (connection) => connection.query("SELECT 1"));
    return `database "${options.database}" at ${options.host}:${options.port} answers`;
  } finally {
    await connections.close();
  }
}
