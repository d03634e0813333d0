/** A server that greets as MySQL does where it lets nobody in, with words of its own. */

/** What it is, until it is disposed of. */
export interface RefusingServer extends AsyncDisposable {
  readonly port: number;
}

/** Refuses every connection with ER_HOST_NOT_PRIVILEGED and that message. */
export function refuseAll(message: string): RefusingServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const text = new TextEncoder().encode(message);
  // ERR_Packet before the handshake: length (3), sequence, 0xff, code (2), text.
  const length = 3 + text.length;
  const packet = new Uint8Array([length & 255, length >> 8, 0, 0, 0xff, 1130 & 255, 1130 >> 8]);
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.write(packet).catch(() => 0);
      await connection.write(text).catch(() => 0);
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}
