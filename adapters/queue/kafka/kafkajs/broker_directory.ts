import { BrokerUnreachable } from "../fault.ts";
import type { DriverOptions } from "../security.ts";
import { createBroker, sendRequest } from "./internals.ts";
import { createBrokerSockets } from "./socket_factory.ts";

type Api = Parameters<typeof sendRequest>[1];

/** The brokers that are known, and the connections to them. */
export interface BrokerDirectory {
  /** Notes where nodes are; one that has moved loses its connections. */
  learn(nodes: readonly { nodeId: number; host: string; port: number }[]): void;
  /** Sends to the node, connecting first where needed. */
  send(node: number, api: Api, request: unknown): Promise<unknown>;
  /** Sends to one broker; to the next one after a failure. */
  sendToAny(api: Api, request: unknown): Promise<unknown>;
  drop(): void;
  /** Drops all, and opens none any more. */
  close(): void;
}

/** The connections to one broker; of no use once dropped. */
interface Line {
  send(api: Api, request: unknown): Promise<unknown>;
  drop(): void;
}

export function createBrokerDirectory(options: DriverOptions): BrokerDirectory {
  const lines = new Map<string, Line>();
  const addresses = new Map<number, string>();
  let turn = 0;
  let isClosed = false;

  function lineTo(address: string): Line {
    if (isClosed) throw new BrokerUnreachable("Connections are closed");
    let line = lines.get(address);
    if (line === undefined) {
      const opened = openLine(address, options, () => {
        // Of an old line a request may fail when there is a new one already.
        if (lines.get(address) === opened) lines.delete(address);
      });
      line = opened;
      lines.set(address, line);
    }
    return line;
  }

  function drop(): void {
    for (const line of [...lines.values()]) line.drop();
  }

  return {
    learn(nodes) {
      for (const { nodeId, host, port } of nodes) addresses.set(nodeId, `${host}:${port}`);
    },
    async send(node, api, request) {
      const address = addresses.get(node);
      if (address === undefined) {
        throw new BrokerUnreachable(`Address of node ${node} is not known`);
      }
      return await lineTo(address).send(api, request);
    },
    async sendToAny(api, request) {
      const known = [...new Set([...addresses.values(), ...options.brokers])];
      const address = known[turn % known.length]!;
      try {
        return await lineTo(address).send(api, request);
      } catch (error) {
        turn++;
        throw error;
      }
    },
    drop,
    close() {
      isClosed = true;
      drop();
    },
  };
}

function openLine(address: string, options: DriverOptions, forget: () => void): Line {
  const { requestTimeoutMs, connectTimeoutMs } = options;
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
    sockets.destroy(new Error(`Connection to ${address} was dropped`));
  }

  /** A broker that accepts and never answers would keep kafkajs waiting for its request time-out. */
  async function connect(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`No answer from ${address} within ${connectTimeoutMs} ms`);
      timer = setTimeout(() => reject(error), connectTimeoutMs);
    });
    try {
      await Promise.race([broker.connect(), late]);
    } catch (cause) {
      drop();
      throw new BrokerUnreachable(`Broker ${address} cannot be reached`, { cause });
    } finally {
      clearTimeout(timer);
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

/** `host:port`, also `[::1]:9092`. */
function addressParts(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
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
