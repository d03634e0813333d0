/**
 * The crowd, on a thread of its own: connections of one address or some that send all that they
 * have at once, and read what comes until they are closed.
 */
/// <reference lib="deno.worker" />
import { connect, type Socket } from "node:net";

export interface Flood {
  readonly url: string;
  /** Whose connections they are, in turn. */
  readonly localAddresses: readonly string[];
  readonly connections: number;
  /** What each sends. */
  readonly text: string;
}

/** How many answers came, by status. */
export type FloodResult = Readonly<Record<string, number>>;

/** Posted once all are connected. */
export const opened = "opened";

async function open({ url, localAddresses, connections }: Flood): Promise<readonly Socket[]> {
  const { hostname: host, port } = new URL(url);
  return await Promise.all(Array.from({ length: connections }, (_, n) => {
    const localAddress = localAddresses[n % localAddresses.length];
    const socket = connect({
      host,
      port: Number(port),
      ...localAddress !== undefined && { localAddress },
    });
    socket.on("error", () => {});
    return new Promise<Socket>((resolve, reject) => {
      socket.once("connect", () => resolve(socket));
      socket.once("close", () => reject(new Error("A connection was closed before it was used")));
    });
  }));
}

function send(socket: Socket, text: string, statuses: Record<string, number>): Promise<void> {
  socket.on("data", (data) => {
    for (const [, status = ""] of data.toString("latin1").matchAll(/^HTTP\/1.1 (\d+)/gm)) {
      statuses[status] = 1 + (statuses[status] ?? 0);
    }
  });
  socket.write(text);
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

self.onmessage = async ({ data }: MessageEvent<Flood>) => {
  const sockets = await open(data);
  self.postMessage(opened);
  await new Promise((resolve) => self.onmessage = resolve);
  const statuses: Record<string, number> = {};
  await Promise.all(sockets.map((socket) => send(socket, data.text, statuses)));
  self.postMessage(statuses);
};
