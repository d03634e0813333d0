/** The pool of connections to MySQL, in which everything has a deadline. */
import { type Connection, createConnection } from "mysql2/promise";
import { StoreError } from "../../../src/ports/store_error.ts";
import { type Clock, within } from "../../../src/ports/clock.ts";
import { isShort, mysqlFault } from "./mysql_fault.ts";
import { openPermits } from "./permits.ts";
import { loginsWithKey } from "./pinned_key.ts";

export interface ConnectionsOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** TLS, with the public authorities or with one's own (PEM); default: none. */
  readonly ssl?: { readonly ca?: string } | undefined;
  /** The server's public key, without TLS: no other is given the password. Default: any is. */
  readonly publicKey?: { readonly pem: string } | undefined;
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
   * @param isFresh On a new connection, whatever rests. Default: false.
   * @throws {StoreError} by rejection.
   */
  run<Result>(
    timeoutMs: number,
    task: (connection: Connection) => Promise<Result>,
    isFresh?: boolean,
  ): Promise<Result>;
  /**
   * Lets what runs finish, for two seconds at most, and ends all connections, also those to a
   * server that does not answer.
   */
  close(): Promise<void>;
}

/** So long a connection may rest unasked. */
const restMs = 1_000;
const pingTimeoutMs = 400;
const finishTimeoutMs = 2_000;
/** How long a server may take to say goodbye. */
const quitTimeoutMs = 500;

export function openConnections(options: ConnectionsOptions): Connections {
  const { host, port, user, password, database, ssl, publicKey } = options;
  const { poolSize, connectTimeoutMs, clock } = options;
  const place = `${host}:${port}`;
  const permits = openPermits(poolSize);
  /** Since when each has rested, the one used last standing last. */
  const idle = new Map<Connection, number>();
  /** Who waits for a connection that others use, because the server gives no more. */
  const short: ((given: Connection | undefined) => void)[] = [];
  /** Those that rest and those that are used. */
  const open = new Set<Connection>();
  const connecting = new Set<Promise<Connection>>();
  /** What runs → how to end it early. */
  const running = new Map<Promise<unknown>, (error: StoreError) => void>();

  async function connect(): Promise<Connection> {
    const coming = createConnection({
      host,
      port,
      user,
      password,
      database,
      ...(ssl && { ssl: { ...ssl, verifyIdentity: true } }),
      ...(publicKey && { authPlugins: loginsWithKey(publicKey.pem) }),
      connectTimeout: connectTimeoutMs,
      charset: "utf8mb4",
      // Times are answered as they are stored, and no setting of this machine's time zone is asked
      // for.
      dateStrings: true,
      timezone: "Z",
      maxPreparedStatements: 200,
      // It would note the stack at each question, a twelfth of what asking takes; nobody reads it.
      trace: false,
    });
    connecting.add(coming);
    try {
      const connection = await coming;
      open.add(connection);
      // It can be lost while nobody uses it. Not at its "end" event, which comes before this one:
      // destroying it there, mysql2 would leave whoever waits on it without an answer.
      connection.on("error", () => discard(connection));
      return connection;
    } finally {
      connecting.delete(coming);
    }
  }

  async function takeConnection(isFresh: boolean): Promise<Connection> {
    if (!isFresh) {
      const rested = await takeIdle();
      if (rested !== undefined) return rested;
    }
    try {
      return await connect();
    } catch (error) {
      const isWorthWaiting = isShort(error) && (open.size > 0 || connecting.size > 0);
      if (!isWorthWaiting) {
        // Who waits would wait for nothing.
        short.shift()?.(undefined);
        throw error;
      }
      // One may have been given back meanwhile.
      const given = idle.size > 0
        ? undefined
        : await new Promise<Connection | undefined>((resolve) => short.push(resolve));
      return given ?? await takeConnection(false);
    }
  }

  /** The one used last, as it is the likeliest to be alive; asked first where it has rested. */
  async function takeIdle(): Promise<Connection | undefined> {
    for (;;) {
      const [connection, since] = [...idle].at(-1) ?? [];
      if (connection === undefined || since === undefined) return undefined;
      idle.delete(connection);
      if (clock.now() - since < restMs || await answers(connection)) return connection;
      discard(connection);
      distrust(since);
    }
  }

  /** Firewalls drop what rests without a word: whoever writes to it hears nothing for minutes. */
  async function answers(connection: Connection): Promise<boolean> {
    const ping = connection.ping().then(() => true, () => false);
    return await within(clock, pingTimeoutMs, ping, () => false);
  }

  /** One that is dead tells that those which rest for longer are, too. */
  function distrust(since: number): void {
    for (const [connection, rested] of idle) if (rested <= since) discard(connection);
  }

  function giveBack(connection: Connection): void {
    const next = short.shift();
    if (next === undefined) idle.set(connection, clock.now());
    else next(connection);
  }

  function discard(connection: Connection): void {
    idle.delete(connection);
    open.delete(connection);
    connection.destroy();
    // There is room for another.
    short.shift()?.(undefined);
  }

  function run<Result>(
    timeoutMs: number,
    task: (connection: Connection) => Promise<Result>,
    isFresh = false,
  ): Promise<Result> {
    let over = false;
    const early = Promise.withResolvers<never>();

    function giveUp(error: StoreError): void {
      over = true;
      early.reject(error);
    }

    async function work(): Promise<Result> {
      await permits.take();
      try {
        const connection = over ? undefined : await takeConnection(isFresh);
        if (connection === undefined) return await early.promise;
        return await use(connection);
      } catch (error) {
        throw mysqlFault(error, place, ssl !== undefined);
      } finally {
        permits.give();
      }
    }

    async function use(connection: Connection): Promise<Result> {
      if (over) {
        // Too late for this caller, it serves the next one.
        giveBack(connection);
        return await early.promise;
      }
      const takenMs = clock.now();
      try {
        const result = await Promise.race([task(connection), early.promise]);
        giveBack(connection);
        return result;
      } catch (error) {
        if (over) distrust(takenMs);
        discard(connection);
        throw error;
      }
    }

    const cancel = clock.after(timeoutMs, () =>
      giveUp(
        new StoreError(
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
      giveUp(new StoreError("failed", "Catalogue is closed"));
    }
    // A connection that is on its way cannot be turned back; it comes or fails within the connect
    // time-out.
    await Promise.allSettled(connecting);
    const connections = [...idle.keys()];
    const quits = connections.map((connection) => connection.end());
    await within(clock, quitTimeoutMs, Promise.allSettled(quits), () => undefined);
    for (const connection of connections) discard(connection);
  }

  return { run, close };
}
