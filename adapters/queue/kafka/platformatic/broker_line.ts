/**
 * The way to one broker: two connections, made when they are first needed; of no use once dropped.
 * A broker answers the requests of a connection one by one, so that a fetch that waits for records
 * would hold up the others.
 */
import { type API, apiVersionsV2, type Connection } from "@platformatic/kafka";
import {
  addressParts,
  type BrokerDirectory,
  type BrokerLine,
} from "../cluster/broker_directory.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { DriverOptions } from "../driver/driver.ts";
import { BrokerUnreachable } from "../driver/fault.ts";
import { errorCodes, failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import { ask, openConnection, refusalIn } from "./connection.ts";

export type PlatformaticDirectory = BrokerDirectory<PlatformaticLine>;

export interface PlatformaticLine extends BrokerLine {
  /**
   * Sends one request, connecting first where needed, and gives the whole answer, error codes and
   * all.
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
interface Channel {
  readonly connection: Connection;
  readonly versions: ReadonlyMap<number, readonly [number, number]>;
}

const fetchKey = 1;

export function openLine(
  address: string,
  options: DriverOptions,
  forget: () => void,
): PlatformaticLine {
  const { requestTimeoutMs, connectTimeoutMs, clock } = options;
  const { host, port } = addressParts(address);
  const connections = new Set<Connection>();
  const channels = new Map<"fetch" | "other", Promise<Channel>>();
  let isDropped = false;

  function drop(): void {
    isDropped = true;
    forget();
    for (const connection of connections) {
      // close() alone ends timers but waits for what is still to be written; the socket's end
      // rejects what is under way.
      connection.close(() => {});
      connection.socket?.destroy();
    }
    connections.clear();
  }

  async function connect(): Promise<Channel> {
    if (isDropped) throw new BrokerUnreachable(`Connection to "${address}" was dropped`);
    const connection = openConnection(options, host);
    connections.add(connection);
    try {
      const work = shakeHands(connection);
      return await withDeadline(clock, connectTimeoutMs, `connecting to ${address}`, work);
    } catch (error) {
      drop();
      const cause = refusalIn(error) ?? error;
      throw new BrokerUnreachable(`Broker "${address}" cannot be reached`, { cause });
    }
  }

  async function shakeHands(connection: Connection): Promise<Channel> {
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

  function channelFor(apiKey: number): Promise<Channel> {
    const purpose = apiKey === fetchKey ? "fetch" : "other";
    let channel = channels.get(purpose);
    if (channel === undefined) {
      channel = connect();
      channels.set(purpose, channel);
    }
    return channel;
  }

  return {
    async send(api, request, waitMs = 0) {
      const { connection, versions } = await channelFor(api.key);
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
