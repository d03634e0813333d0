/** The pool of connections to MySQL, in which everything has a deadline. */
import { type Connection, createConnection } from "mysql2/promise";
import { CatalogueError } from "../../../src/ports/book_catalogue.ts";
import { type Clock, within } from "../../../src/ports/clock.ts";
import { mysqlFault } from "./mysql_fault.ts";
import { openPermits } from "./permits.ts";

export interface ConnectionsOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Connections at most. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * A pool in which nothing waits for longer than it was told to. mysql2's own has no deadline for a
 * queued caller, and its end neither waits for callers nor lets go of a server that does not
 * answer.
 */
export interface Connections {
  /**
   * Runs `task` on a connection of its own. The time includes waiting for the connection; when it
   * is over, the connection is thrown away, because the answer of a stuck server could come at any
   * time. It is thrown away after any other error, too.
   *
   * @throws {CatalogueError} by rejection.
   */
  run<Result>(
    timeoutMs: number,
    task: (connection: Connection) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Lets what runs finish, for two seconds at most, and ends all connections, also those to a
   * server that does not answer.
   */
  close(): Promise<void>;
}

const finishTimeoutMs = 2_000;
/** How long a server may take to say goodbye. */
const quitTimeoutMs = 500;

export function openConnections(options: ConnectionsOptions): Connections {
  const { host, port, user, password, database, poolSize, connectTimeoutMs, clock } = options;
  const place = `${host}:${port}`;
  const permits = openPermits(poolSize);
  const idle = new Set<Connection>();
  const connecting = new Set<Promise<Connection>>();
  /** What runs → how to end it early. */
  const running = new Map<Promise<unknown>, (error: CatalogueError) => void>();

  async function connect(): Promise<Connection> {
    const coming = createConnection({
      host,
      port,
      user,
      password,
      database,
      connectTimeout: connectTimeoutMs,
      charset: "utf8mb4",
      // Times are answered as they are stored, and no setting of this machine's time zone is asked
      // for.
      dateStrings: true,
      timezone: "Z",
      maxPreparedStatements: 200,
    });
    connecting.add(coming);
    try {
      const connection = await coming;
      // It can be lost while nobody uses it. Not at its "end" event, which comes before this one:
      // destroying it there, mysql2 would leave whoever waits on it without an answer.
      connection.on("error", () => discard(connection));
      return connection;
    } finally {
      connecting.delete(coming);
    }
  }

  async function takeConnection(): Promise<Connection> {
    // The one used last: it is the likeliest to be alive.
    const connection = [...idle].at(-1);
    if (connection === undefined) return await connect();
    idle.delete(connection);
    return connection;
  }

  function discard(connection: Connection): void {
    idle.delete(connection);
    connection.destroy();
  }

  function run<Result>(
    timeoutMs: number,
    task: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    let over = false;
    const early = Promise.withResolvers<never>();

    function giveUp(error: CatalogueError): void {
      over = true;
      early.reject(error);
    }

    async function work(): Promise<Result> {
      await permits.take();
      try {
        const connection = over ? undefined : await takeConnection();
        if (connection === undefined) return await early.promise;
        return await use(connection);
      } catch (error) {
        throw mysqlFault(error, place);
      } finally {
        permits.give();
      }
    }

    async function use(connection: Connection): Promise<Result> {
      try {
        // A connection that comes too late for this caller serves the next one.
        const result = over ? early.promise : await Promise.race([task(connection), early.promise]);
        idle.add(connection);
        return await result;
      } catch (error) {
        if (!idle.has(connection)) discard(connection);
        throw error;
      }
    }

    const cancel = clock.after(timeoutMs, () =>
      giveUp(
        new CatalogueError(
          "unavailable",
          `MySQL at "${place}" has not answered in ${timeoutMs} ms`,
        ),
      ));
    const result = Promise.race([work(), early.promise]).finally(() => {
      cancel();
      running.delete(result);
    });
    running.set(result, giveUp);
    return result;
  }

  async function close(): Promise<void> {
    await within(clock, finishTimeoutMs, Promise.allSettled(running.keys()), () => undefined);
    for (const giveUp of running.values()) {
      giveUp(new CatalogueError("failed", "Catalogue is closed"));
    }
    // A connection that is on its way cannot be turned back; it comes or fails within the connect
    // time-out.
    await Promise.allSettled(connecting);
    const connections = [...idle];
    const quits = connections.map((connection) => connection.end());
    await within(clock, quitTimeoutMs, Promise.allSettled(quits), () => undefined);
    for (const connection of connections) discard(connection);
  }

  return { run, close };
}
