import { type API, apiVersionsV2, Connection, ResponseError } from "@platformatic/kafka";
import { isIP } from "node:net";
import {
  addressParts,
  type BrokerDirectory,
  type BrokerLine,
} from "../cluster/broker_directory.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { DriverOptions } from "../driver/driver.ts";
import { BrokerUnreachable } from "../driver/fault.ts";
import { errorCodes, failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import { refusalIn } from "./sasl_refusal.ts";

export type PlatformaticDirectory = BrokerDirectory<PlatformaticLine>;

export interface PlatformaticLine extends BrokerLine {
  /**
   * Sends one request, connecting first where needed, and gives the whole answer, error codes and all.
   *
   * @param waitMs How long the broker may hold the request, beside the request time-out.
   */
  send<Request extends unknown[], Answer>(
    api: API<Request, Answer>,
    request: Request,
    waitMs?: number,
  ): Promise<Answer>;
}

/** Connected, with the versions that the broker speaks: API's number → from, to. */
interface Wire {
  readonly connection: Connection;
  readonly versions: ReadonlyMap<number, readonly [number, number]>;
}

const fetchKey = 1;
/** More than are ever sent side by side: a request that waits inside the client would use up its time there. */
const maxInflights = 1024;

export function openLine(
  address: string,
  options: DriverOptions,
  forget: () => void,
): PlatformaticLine {
  const { requestTimeoutMs, connectTimeoutMs, clock } = options;
  const { host, port } = addressParts(address);
  const connections = new Set<Connection>();
  /** A broker answers the requests of a connection one by one: a fetch that waits for records would hold up the others. */
  const wires = new Map<"fetch" | "other", Promise<Wire>>();
  let isDropped = false;

  function drop(): void {
    isDropped = true;
    forget();
    for (const connection of connections) {
      // close() alone ends timers but waits for what is still to be written; the socket's end rejects what is under way.
      connection.close(() => {});
      connection.socket?.destroy();
    }
    connections.clear();
  }

  async function connect(): Promise<Wire> {
    if (isDropped) throw new BrokerUnreachable(`Connection to ${address} was dropped`);
    const connection = openConnection(options, host);
    connections.add(connection);
    try {
      const work = shakeHands(connection);
      return await withDeadline(clock, connectTimeoutMs, `connecting to ${address}`, work);
    } catch (error) {
      drop();
      const cause = refusalIn(error) ?? error;
      throw new BrokerUnreachable(`Broker ${address} cannot be reached`, { cause });
    }
  }

  async function shakeHands(connection: Connection): Promise<Wire> {
    await connection.connect(host, port);
    connection.once("close", drop);
    connection.socket.setKeepAlive(true, 30_000);
    const answer = await ask(connection, apiVersionsV2.api, ["", ""]);
    failOn(answer.errorCode, "ApiVersions");
    const versions = answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) =>
      [apiKey, [minVersion, maxVersion]] as const
    );
    return { connection, versions: new Map(versions) };
  }

  function wireFor(apiKey: number): Promise<Wire> {
    const purpose = apiKey === fetchKey ? "fetch" : "other";
    let wire = wires.get(purpose);
    if (wire === undefined) {
      wire = connect();
      wires.set(purpose, wire);
    }
    return wire;
  }

  return {
    async send(api, request, waitMs = 0) {
      const { connection, versions } = await wireFor(api.key);
      const [from, to] = versions.get(api.key) ?? [0, -1];
      if (api.version < from || api.version > to) {
        throw new KafkaProtocolError(errorCodes.unsupportedVersion, `API ${api.key}`);
      }
      try {
        const answer = ask(connection, api, request);
        return await withDeadline(clock, requestTimeoutMs + waitMs, `API ${api.key}`, answer);
      } catch (error) {
        // Whatever it was, the next request starts on a new socket: this one may be half-open.
        drop();
        throw error;
      }
    },
    drop,
  };
}

function openConnection(options: DriverOptions, host: string): Connection {
  const { protocol, mechanism = "PLAIN", username = "", password = "", caPem } = options.security;
  const connection = new Connection(options.clientId, {
    connectTimeout: options.connectTimeoutMs,
    // Every request has a time limit of its own here, since some may wait at the broker; this one only bounds them all.
    requestTimeout: 10 * options.requestTimeoutMs,
    maxInflights,
    ...(protocol.endsWith("SSL") && {
      tls: caPem === undefined ? {} : { ca: [caPem] },
      ...(isIP(host) === 0 && { tlsServerName: host }),
    }),
    ...(protocol.startsWith("SASL") && { sasl: { mechanism, username, password } }),
  });
  // What it says is said by what it rejects, too; unheard it would end the process.
  connection.on("error", () => {});
  return connection;
}

/** The library rejects where an answer holds an error code, and knows only some of them. */
function ask<Request extends unknown[], Answer>(
  connection: Connection,
  api: API<Request, Answer>,
  request: Request,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const tell = (error: Error | null, answer?: Answer): void => {
      if (error instanceof ResponseError) resolve(error.response as Answer);
      else if (error !== null || answer === undefined) reject(error);
      else resolve(answer);
    };
    api(connection, ...request, tell as Parameters<typeof api>[1] & typeof tell);
  });
}
