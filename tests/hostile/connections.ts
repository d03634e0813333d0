/** Connections that clients hold, as real sockets. */
import assert from "node:assert/strict";

const deadlineMs = 20_000;

export interface HeldConnections extends AsyncDisposable {
  /** Resolves when the server has closed so many of them. */
  lost(count: number): Promise<void>;
}

/** Opens as many as can be, each of which sends `head` and then nothing more. */
export async function openConnections(
  url: string,
  count: number,
  head: string,
): Promise<HeldConnections> {
  const { hostname, port } = new URL(url);
  const bytes = new TextEncoder().encode(head);
  const held: Deno.Conn[] = [];
  const readers: Promise<void>[] = [];
  const enough = new Set<() => void>();
  let closed = 0;

  async function readToEnd(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(4096);
    try {
      while (await connection.read(buffer) !== null);
    } catch {
      // A reset is an end, too; so is our own closing.
    }
    closed += 1;
    for (const look of enough) look();
  }

  for (let n = 0; n < count; n++) {
    try {
      const connection = await Deno.connect({ hostname, port: Number(port) });
      held.push(connection);
      readers.push(readToEnd(connection));
      await connection.write(bytes);
    } catch {
      // For a moment nobody listens, or this one has been closed already.
    }
  }

  return {
    async lost(wanted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => closed >= wanted && resolve();
      enough.add(look);
      look();
      const timer = setTimeout(resolve, deadlineMs);
      await promise;
      clearTimeout(timer);
      assert.ok(closed >= wanted, `${closed} of ${held.length} closed, wanted ${wanted}`);
    },
    async [Symbol.asyncDispose]() {
      for (const connection of held) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
      await Promise.all(readers);
    },
  };
}
