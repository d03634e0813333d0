/** What the toy queue publishes to. */
export interface ToyServer extends AsyncDisposable {
  readonly port: number;
  /** The keys of the records that it was sent, in order. */
  readonly keys: readonly string[];
}

/** @param port Default: any that is free. */
export function startToyServer(port = 0): ToyServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const keys: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      void serve(connection, keys).finally(() => open.delete(connection));
    }
  })();
  return {
    port: listener.addr.port,
    keys,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await serving;
    },
  };
}

async function serve(connection: Deno.TcpConn, keys: string[]): Promise<void> {
  const chunk = new Uint8Array(65_536);
  let text = "";
  try {
    for (let read = await connection.read(chunk); read !== null;) {
      text += new TextDecoder("latin1").decode(chunk.subarray(0, read));
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        keys.push(new TextDecoder().decode(Uint8Array.fromHex(line.split(" ")[1] ?? "")));
        await connection.write(new Uint8Array(1));
      }
      read = await connection.read(chunk);
    }
    connection.close();
  } catch (error) {
    // Closed meanwhile, by either end.
    if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  }
}
