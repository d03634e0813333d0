/** What errors of the server and of mysql2 mean for the port, and what is wanted then. */
import { StoreError } from "../../../src/ports/store_error.ts";

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
  "ER_USER_LIMIT_REACHED",
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
  ER_NO_SUCH_TABLE:
    "wanted all tables that Shelfcast made: restore a backup, or start the shop again, which makes them or says what to do",
  ER_HOST_NOT_PRIVILEGED: "wanted a server that allows this host; CREATE USER names the hosts",
  ER_HOST_IS_BLOCKED: "wanted FLUSH HOSTS on the server, which blocks this host after faults",
  ER_SECURE_TRANSPORT_REQUIRED: "wanted db.ssl: on",
  HANDSHAKE_NO_SSL_SUPPORT: "wanted a server with TLS, or db.ssl: off",
  HANDSHAKE_SSL_ERROR:
    "wanted a certificate for db.host by an authority that db.ssl_ca_file, or the system, trusts",
  ER_DBACCESS_DENIED_ERROR: "wanted a db.user with all privileges on db.database",
  ER_TABLEACCESS_DENIED_ERROR: "wanted a db.user with all privileges on db.database",
};

/**
 * What an error of mysql2 means for the port. A `StoreError` stays as it is. @param place
 * `host:port`
 */
export function mysqlFault(error: unknown, place: string, isEncrypted: boolean): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message, fatal } = described(error);
  const wanted = !isEncrypted && code === "ER_ACCESS_DENIED_ERROR"
    ? "wanted the right db.user and db.password, and db.ssl: on where the account requires TLS"
    : settings[code];
  if (wanted !== undefined) {
    const text = `MySQL at "${place}" answers: ${message}; ${wanted}`;
    return new StoreError("failed", text, { cause: error });
  }
  // mysql2 marks with `fatal` what has ended the connection. What a server has said is another
  // thing: unless it is known to pass, it would be said for ever.
  const isSaid = /^(ER|HANDSHAKE|AUTH|MYSQL)_/.test(code);
  const unavailable = passing.has(code) || fatal && !isSaid;
  const text = `MySQL at "${place}" answers: ${message}`;
  return new StoreError(unavailable ? "unavailable" : "failed", text, { cause: error });
}

/** The server gives no more connections while others are in use. */
export function isShort(error: unknown): boolean {
  const { code } = described(error);
  return ["ER_USER_LIMIT_REACHED", "ER_TOO_MANY_USER_CONNECTIONS", "ER_CON_COUNT_ERROR"]
    .includes(code);
}

function described(error: unknown): { code: string; message: string; fatal: boolean } {
  if (!(error instanceof Error)) return { code: "", message: String(error), fatal: false };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message, fatal: "fatal" in error && error.fatal === true };
}
