import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SocketRequest } from "./internals.ts";

/** The sockets of one broker's connections, so that they can be dropped together. */
export interface BrokerSockets {
  readonly open: (request: SocketRequest) => Socket;
  /** Ends all at once, and opens none any more; requests under way reject with `error`. */
  destroy(error: Error): void;
}

/**
 * @param silentMs A socket on which nothing has come or gone for so long is dropped. Longer than any request may take: without
 *   it kafkajs retries on a half-open connection for ever.
 */
export function createBrokerSockets(silentMs: number): BrokerSockets {
  const sockets = new Set<Socket>();
  let ended: Error | undefined;
  return {
    open({ host, port, ssl, onConnect }) {
      if (ended !== undefined) throw ended;
      const socket = ssl === null ? connectPlain({ host, port }, onConnect) : connectTls({
        host,
        port,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ssl.ca === undefined ? {} : { ca: [...ssl.ca] }),
      }, onConnect);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 30_000);
      socket.setTimeout(silentMs, () => void socket.destroy());
      sockets.add(socket);
      socket.once("close", () => void sockets.delete(socket));
      return socket;
    },
    destroy(error) {
      ended = error;
      for (const socket of sockets) socket.destroy(error);
      sockets.clear();
    },
  };
}
