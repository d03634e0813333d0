/**
 * One connection to one broker through kafkajs: made when it is first needed, of no use once
 * dropped.
 */
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  addressParts,
  type BrokerDirectory,
  type BrokerLine,
} from "../cluster/broker_directory.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { DriverOptions } from "../driver/driver.ts";
import { BrokerUnreachable } from "../driver/fault.ts";
import { createBroker, sendRequest, type SocketRequest } from "./internals.ts";

export type KafkajsDirectory = BrokerDirectory<KafkajsLine>;

export interface KafkajsLine extends BrokerLine {
  /** Sends one request, connecting first where needed. */
  send(api: Parameters<typeof sendRequest>[1], request: unknown): Promise<unknown>;
}

export function openLine(
  address: string,
  options: DriverOptions,
  forget: () => void,
): KafkajsLine {
  const { requestTimeoutMs, connectTimeoutMs, clock } = options;
  const sockets = createBrokerSockets(requestTimeoutMs + 5000);
  const broker = createBroker({
    ...addressParts(address),
    clientId: options.clientId,
    ...securityOptions(options),
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    socketFactory: sockets.open,
  });
  let connecting: Promise<void> | undefined;

  function drop(): void {
    forget();
    sockets.destroy(new BrokerUnreachable(`Connection to "${address}" was dropped`));
  }

  /**
   * A broker that accepts and never answers would keep kafkajs waiting for its request time-out.
   */
  async function connect(): Promise<void> {
    try {
      await withDeadline(clock, connectTimeoutMs, `connecting to ${address}`, broker.connect());
    } catch (cause) {
      drop();
      throw new BrokerUnreachable(`Broker "${address}" cannot be reached`, { cause });
    } finally {
      connecting = undefined;
    }
  }

  return {
    async send(api, request) {
      // kafkajs calls itself connected before it knows the broker's API versions.
      if (connecting !== undefined || !broker.isConnected()) await (connecting ??= connect());
      try {
        return await sendRequest(broker, api, request);
      } catch (error) {
        // Whatever it was, the next request starts on a new socket: this one may be half-open.
        drop();
        throw error;
      }
    },
    drop,
  };
}

function securityOptions({ security }: DriverOptions) {
  const { protocol, mechanism = "PLAIN", username = "", password = "", caPem } = security;
  return {
    ssl: protocol.endsWith("SSL") ? (caPem === undefined ? {} : { ca: [caPem] }) : null,
    sasl: protocol.startsWith("SASL")
      ? { mechanism: mechanism.toLowerCase(), username, password }
      : null,
  };
}

/** The sockets of one broker's connections, so that they can be dropped together. */
export interface BrokerSockets {
  readonly open: (request: SocketRequest) => Socket;
  /** Ends all at once, and opens none any more; requests under way reject with `error`. */
  destroy(error: Error): void;
}

/**
 * @param silentMs A socket on which nothing has come or gone for so long is dropped. Longer than
 *   any request may take: without it kafkajs retries on a half-open connection for ever.
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
