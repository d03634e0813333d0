/** A broker on a socket that says so much and then nothing more. */
import { array, bytes, int16, int32, int8, text } from "./protocol_bytes.ts";

/**
 * A broker that accepts connections and falls silent: at once, or after it has said that it leads a
 * topic's one partition.
 */
export interface SilentBroker extends AsyncDisposable {
  readonly address: string;
  /** How many requests of each API have come. */
  readonly received: ReadonlyMap<number, number>;
  readonly connections: number;
}

export const produceApi = 0;
const metadataApi = 3;
/** The newest that either client asks for. */
const metadataVersion = 6;
const apiVersionsApi = 18;

export function startSilentBroker(topic?: string): SilentBroker {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const received = new Map<number, number>();
  const open = new Set<Deno.Conn>();
  let connections = 0;
  const accepting = (async () => {
    const serving: Promise<void>[] = [];
    for await (const connection of listener) {
      connections++;
      open.add(connection);
      serving.push(serve(connection).catch(() => {}).finally(() => open.delete(connection)));
    }
    await Promise.all(serving);
  })();

  async function serve(connection: Deno.Conn): Promise<void> {
    let pending = new Uint8Array(0);
    for await (const chunk of connection.readable) {
      pending = new Uint8Array([...pending, ...chunk]);
      for (;;) {
        const view = new DataView(pending.buffer, pending.byteOffset, pending.length);
        if (pending.length < 4 || pending.length < 4 + view.getInt32(0)) break;
        const api = view.getInt16(4);
        received.set(api, (received.get(api) ?? 0) + 1);
        const body = topic === undefined ? undefined : answer(api, topic, port);
        const correlation = view.getInt32(8);
        pending = pending.slice(4 + view.getInt32(0));
        if (body === undefined) continue;
        const frame = bytes(int32(4 + body.length), int32(correlation), body);
        // A writer of its own: `readable` is locked, `write` is not.
        await connection.write(frame);
      }
    }
  }

  return {
    address: `127.0.0.1:${port}`,
    received,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // The client has ended it already.
        }
      }
      await accepting.catch(() => {});
    },
  };
}

function answer(api: number, topic: string, port: number): Uint8Array | undefined {
  if (api === apiVersionsApi) {
    const versions = [
      [produceApi, 3, 7],
      [metadataApi, 0, metadataVersion],
      [apiVersionsApi, 0, 2],
    ];
    const entries = versions.map((numbers) => bytes(...numbers.map(int16)));
    return bytes(int16(0), array(entries), int32(0));
  }
  if (api === metadataApi) {
    const none = int16(-1);
    const broker = bytes(int32(1), text("127.0.0.1"), int32(port), none);
    const nodes = array([int32(1)]);
    const partition = bytes(int16(0), int32(0), int32(1), nodes, nodes, array([]));
    const found = bytes(int16(0), text(topic), int8(0), array([partition]));
    return bytes(int32(0), array([broker]), none, int32(1), array([found]));
  }
  return undefined;
}
