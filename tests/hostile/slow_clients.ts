/** Clients of many addresses of this machine, each with connections that it leaves half done. */
import { connect, type Socket } from "node:net";

export interface SlowClients extends AsyncDisposable {
  /** Those that the other side has ended, as far as their owner reads. */
  readonly ended: number;
  /** Those that were told something. */
  readonly answered: number;
}

export interface SlowClientsOptions {
  readonly count: number;
  /** What each sends at once. */
  readonly bytes: string | Uint8Array;
  /** What each sends from then on, again and again. Default: nothing. */
  readonly drip?: string;
  /** Default: every second. */
  readonly dripMs?: number;
  /** `127.0.N.1` and so on. */
  readonly network: number;
  /** Of one address. */
  readonly each: number;
  /** Whether what comes is taken. Default: true. */
  readonly reads?: boolean;
}

/** Resolves when all are connected, or turned away. */
export async function slowClients(url: string, options: SlowClientsOptions): Promise<SlowClients> {
  const { count, bytes, network, each, drip, dripMs = 1000, reads = true } = options;
  const { hostname: host, port } = new URL(url);
  let [ended, answered] = [0, 0];
  const closings: Promise<void>[] = [];
  const sockets: Socket[] = [];

  function open(n: number): Promise<void> {
    const localAddress = `127.0.${network}.${1 + Math.floor(n / each)}`;
    const socket = connect({ host, port: Number(port), localAddress, noDelay: true });
    sockets.push(socket);
    socket.on("error", () => {});
    closings.push(
      new Promise((resolve) =>
        socket.once("close", () => {
          ended += 1;
          resolve();
        })
      ),
    );
    if (reads) socket.once("data", () => answered += 1).resume();
    return new Promise((resolve) => {
      socket.once("connect", () => {
        socket.write(bytes);
        resolve();
      });
      socket.once("close", () => resolve());
    });
  }

  for (let n = 0; n < count; n += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - n) }, (_, k) => open(n + k)));
  }
  const dripping = setInterval(() => {
    if (drip === undefined) return;
    for (const socket of sockets) if (!socket.destroyed) socket.write(drip);
  }, dripMs);
  return {
    get ended() {
      return ended;
    },
    get answered() {
      return answered;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(dripping);
      for (const socket of sockets) socket.destroy();
      await Promise.all(closings);
    },
  };
}
