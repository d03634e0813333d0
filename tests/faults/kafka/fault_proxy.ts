/** A road to one broker on which everything goes wrong that can go wrong between two machines. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export type ProxyMode =
  | { readonly kind: "pass" }
  /** Nobody listens, and all connections are reset. */
  | { readonly kind: "refuse" }
  /** Every connection is taken and reset at once, so that attempts can be counted. */
  | { readonly kind: "hang_up" }
  /** Nothing moves; when the mode changes, what was held goes on. */
  | { readonly kind: "stall" }
  /**
   * What comes is thrown away, and the connection is of no use ever after, though nobody is told:
   * the other machine is gone.
   */
  | { readonly kind: "black_hole" }
  /** Every connection is reset after so many bytes, counted over both directions. */
  | { readonly kind: "reset"; readonly afterBytes: number }
  /** In each direction of each connection. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number };

export interface FaultProxy extends AsyncDisposable {
  /** How many connections were taken so far; in the mode `refuse` none can be. */
  readonly attempts: number;
  set(mode: ProxyMode): Promise<void>;
}

interface Connection {
  readonly ends: readonly [Socket, Socket];
  isDead: boolean;
  passedBytes: number;
}

const pieceMs = 100;

/** @param listenPort Where clients were told to come. */
export async function openFaultProxy(listenPort: number, targetPort: number): Promise<FaultProxy> {
  const hostname = "127.0.0.1";
  const connections = new Set<Connection>();
  const pumps = new Set<Promise<void>>();
  let mode: ProxyMode = { kind: "pass" };
  let modeChanged = Promise.withResolvers<void>();
  let attempts = 0;
  let server: Server | undefined;

  async function listen(): Promise<void> {
    if (server !== undefined) return;
    server = createServer(accept);
    server.listen(listenPort, hostname);
    await once(server, "listening");
  }

  function accept(client: Socket): void {
    attempts++;
    client.on("error", () => {});
    // Who stood in the queue of a listener that was closed is taken all the same.
    if (mode.kind === "hang_up" || mode.kind === "refuse") return void client.resetAndDestroy();
    const broker = connect({ host: hostname, port: targetPort });
    const connection: Connection = { ends: [client, broker], isDead: false, passedBytes: 0 };
    connections.add(connection);
    broker.on("error", () => {});
    for (const end of connection.ends) end.setNoDelay(true);
    client.once("close", () => end(connection));
    for (const [from, to] of [[client, broker], [broker, client]] as const) {
      const pump = run(connection, from, to).catch(() => {}).finally(() => pumps.delete(pump));
      pumps.add(pump);
    }
  }

  function end(connection: Connection): void {
    connections.delete(connection);
    for (const socket of connection.ends) socket.resetAndDestroy();
  }

  async function run(connection: Connection, from: Socket, to: Socket): Promise<void> {
    for await (const chunk of from) {
      let rest: Uint8Array = chunk;
      while (rest.length > 0 && !connection.isDead) rest = await pass(connection, rest, to);
    }
    // A machine that is gone does not say so.
    if (!connection.isDead && mode.kind !== "black_hole") end(connection);
  }

  /** Does with `bytes` what the mode says, and gives what is left of them. */
  async function pass(
    connection: Connection,
    bytes: Uint8Array,
    to: Socket,
  ): Promise<Uint8Array> {
    let count = bytes.length;
    if (mode.kind === "stall") {
      await modeChanged.promise;
      return bytes;
    }
    if (mode.kind === "black_hole") {
      connection.isDead = true;
      return bytes;
    }
    if (mode.kind === "slow") {
      count = Math.min(count, Math.max(1, Math.floor(mode.bytesPerSecond * pieceMs / 1000)));
      await passed(count * 1000 / mode.bytesPerSecond, modeChanged.promise);
    }
    if (mode.kind === "reset") {
      count = Math.min(count, mode.afterBytes - connection.passedBytes);
      if (count <= 0) {
        end(connection);
        return new Uint8Array(0);
      }
      connection.passedBytes += count;
    }
    if (to.destroyed) return new Uint8Array(0);
    if (!to.write(bytes.subarray(0, count))) await drained(to);
    return bytes.subarray(count);
  }

  async function stopListening(): Promise<void> {
    const closed = server && once(server, "close");
    server?.close();
    server = undefined;
    for (const connection of [...connections]) end(connection);
    await closed;
  }

  async function set(next: ProxyMode): Promise<void> {
    mode = next;
    modeChanged.resolve();
    modeChanged = Promise.withResolvers();
    for (const connection of connections) connection.passedBytes = 0;
    if (mode.kind === "refuse") await stopListening();
    else await listen();
    if (mode.kind === "hang_up") { for (const connection of [...connections]) end(connection); }
  }

  await listen();
  return {
    get attempts() {
      return attempts;
    },
    set,
    async [Symbol.asyncDispose]() {
      await set({ kind: "refuse" });
      await Promise.all(pumps);
    },
  };
}

function passed(delayMs: number, early: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    early.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
}
