/** A road to a server that can be closed, opened and blocked. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /**
   * `pass`; `refuse`: breaks all connections and takes no new ones; `silence`: keeps them and
   * passes nothing on.
   */
  set(mode: "pass" | "refuse" | "silence"): Promise<void>;
  /**
   * Breaks the connection on which the next bytes come, instead of passing them on; the others
   * stay.
   */
  breakNext(): void;
  /** As a firewall does to what rests: open connections stay so and pass nothing on any more. */
  forgetOpen(): void;
}

export function openTcpProxy(target: { hostname: string; port: number }): TcpProxy {
  const connections = new Set<Deno.TcpConn>();
  const running = new Set<Promise<void>>();
  let listener: Deno.TcpListener | undefined = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  let silent = false;
  let breaking = false;
  let generation = 0;
  let speak = Promise.withResolvers<void>();
  accept(listener);

  function track(work: Promise<void>): void {
    const tracked = work.catch(() => {}).finally(() => running.delete(tracked));
    running.add(tracked);
  }

  function accept(open: Deno.TcpListener): void {
    track((async () => {
      for await (const client of open) {
        connections.add(client);
        track(serve(client));
      }
    })());
  }

  async function serve(client: Deno.TcpConn): Promise<void> {
    try {
      const server = await Deno.connect(target);
      connections.add(server);
      await Promise.race([copy(client, server), copy(server, client)]);
      drop(server);
    } finally {
      drop(client);
    }
  }

  async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const born = generation;
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (born < generation) continue;
        if (silent) await speak.promise;
        if (breaking) {
          breaking = false;
          return;
        }
        for (let sent = 0; sent < read;) sent += await to.write(buffer.subarray(sent, read));
      }
    } finally {
      drop(from);
      drop(to);
    }
  }

  function drop(connection: Deno.TcpConn): void {
    if (connections.delete(connection)) connection.close();
  }

  async function refuse(): Promise<void> {
    listener?.close();
    listener = undefined;
    speak.resolve();
    for (const connection of connections) drop(connection);
    await Promise.all(running);
  }

  return {
    port,
    async set(mode) {
      silent = mode === "silence";
      if (silent) speak = Promise.withResolvers();
      else speak.resolve();
      if (mode === "refuse") return await refuse();
      if (listener !== undefined) return;
      listener = Deno.listen({ hostname: "127.0.0.1", port });
      accept(listener);
    },
    breakNext() {
      breaking = true;
    },
    forgetOpen() {
      generation++;
    },
    [Symbol.asyncDispose]: refuse,
  };
}
