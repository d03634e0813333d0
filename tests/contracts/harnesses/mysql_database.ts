import { type Connection, createConnection } from "mysql2/promise";

const variable = "SHELFCAST_TEST_MYSQL";
const address = Deno.env.get(variable);

/** Why there is no server to test with, or undefined. */
export const mysqlMissing = address ? undefined : `${variable} names no server`;

export interface MysqlLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** An empty database of a test's own; disposing drops it. */
export interface MysqlDatabase extends AsyncDisposable {
  readonly login: MysqlLogin;
  /** Runs statements as another program would, without a connection that stays. */
  execute(...statements: readonly string[]): Promise<unknown[]>;
}

/**
 * @throws where `SHELFCAST_TEST_MYSQL` is not `mysql://user:password@host:port/database` or nothing
 *   answers there.
 */
export async function createMysqlDatabase(): Promise<MysqlDatabase> {
  const name = `shelfcast_test_${crypto.randomUUID().replaceAll("-", "")}`;
  const { database, drop } = await openDatabase(name, "CREATE DATABASE");
  return { ...database, [Symbol.asyncDispose]: drop };
}

/** A database that stays; empty where it was not there. */
export async function openKeptDatabase(
  name: string,
): Promise<
  { readonly database: Omit<MysqlDatabase, keyof AsyncDisposable>; drop(): Promise<void> }
> {
  return await openDatabase(name, "CREATE DATABASE IF NOT EXISTS");
}

async function openDatabase(name: string, create: string) {
  const url = new URL(address ?? "");
  const server = {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const login = { ...server, database: name };
  const onServerOnly = (sql: string) =>
    onServer(server, async (connection) => {
      await connection.query(`${sql} ${name}`);
    });
  await onServerOnly(create);
  const execute = (...statements: readonly string[]): Promise<unknown[]> =>
    onServer(login, async (connection) => {
      let rows: unknown[] = [];
      for (const statement of statements) {
        const [result] = await connection.query(statement);
        rows = Array.isArray(result) ? result : [];
      }
      return rows;
    });
  return { database: { login, execute }, drop: () => onServerOnly("DROP DATABASE") };
}

async function onServer<Result>(
  server: Omit<MysqlLogin, "database"> & { readonly database?: string },
  task: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await createConnection(server);
  try {
    return await task(connection);
  } finally {
    await connection.end();
  }
}
