import { CatalogueError } from "../../../src/ports/book_catalogue.ts";

/**
 * Codes of Node, mysql2 and the server (mysql2/lib/constants/errors.js) for what passes by itself
 * or with the server's return.
 */
const passing = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "PROTOCOL_CONNECTION_LOST",
  "ER_CON_COUNT_ERROR",
  "ER_TOO_MANY_USER_CONNECTIONS",
  "ER_HOST_IS_BLOCKED",
  "ER_SERVER_SHUTDOWN",
  "ER_NORMAL_SHUTDOWN",
  "ER_CONNECTION_KILLED",
  "ER_CLIENT_INTERACTION_TIMEOUT",
  "ER_QUERY_INTERRUPTED",
  "ER_LOCK_WAIT_TIMEOUT",
  "ER_LOCK_DEADLOCK",
  "ER_DISK_FULL",
  "ER_RECORD_FILE_FULL",
  "ER_OPTION_PREVENTS_STATEMENT",
]);

/** Codes of the server for what an operator has to mend, and what is wanted then. */
const settings: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: "wanted the right db.user and db.password",
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: "wanted the right db.user and db.password",
  ER_BAD_DB_ERROR: "wanted an existing database in db.database; CREATE DATABASE makes one",
  ER_DBACCESS_DENIED_ERROR: "wanted a db.user with all privileges on db.database",
  ER_TABLEACCESS_DENIED_ERROR: "wanted a db.user with all privileges on db.database",
};

/**
 * What an error of mysql2 means for the port. A `CatalogueError` stays as it is. @param place
 * `host:port`
 */
export function mysqlFault(error: unknown, place: string): CatalogueError {
  if (error instanceof CatalogueError) return error;
  const { code, message, fatal } = described(error);
  const wanted = settings[code];
  if (wanted !== undefined) {
    const text = `MySQL at "${place}" answers: ${message}; ${wanted}`;
    return new CatalogueError("failed", text, { cause: error });
  }
  // mysql2 marks with `fatal` what has ended the connection.
  const unavailable = fatal || passing.has(code);
  const text = `MySQL at "${place}" answers: ${message}`;
  return new CatalogueError(unavailable ? "unavailable" : "failed", text, { cause: error });
}

function described(error: unknown): { code: string; message: string; fatal: boolean } {
  if (!(error instanceof Error)) return { code: "", message: String(error), fatal: false };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message, fatal: "fatal" in error && error.fatal === true };
}
