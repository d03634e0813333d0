import {
  addressParts,
  type BrokerDirectory,
  type BrokerLine,
} from "../cluster/broker_directory.ts";
import { BrokerUnreachable } from "../driver/fault.ts";
import type { DriverOptions } from "../driver/security.ts";
import { createBroker, sendRequest } from "./internals.ts";
import { createBrokerSockets } from "./socket_factory.ts";

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

function securityOptions({ security }: DriverOptions) {
  const { protocol, mechanism = "PLAIN", username = "", password = "", caPem } = security;
  return {
    ssl: protocol.endsWith("SSL") ? (caPem === undefined ? {} : { ca: [caPem] }) : null,
    sasl: protocol.startsWith("SASL")
      ? { mechanism: mechanism.toLowerCase(), username, password }
      : null,
  };
}
