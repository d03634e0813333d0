/** Listening for HTTP requests. */
import { getLogger } from "@logtape/logtape";
import { isLoopback } from "../domain/loopback.ts";
import { type Clock, within } from "../ports/clock.ts";

const logger = getLogger(["shelfcast", "process"]);

/** A listening HTTP server. */
export interface HttpServer {
  /** `http://host:port/` */
  readonly url: string;
  /**
   * Stops accepting, and resolves when the requests under way are answered, at the latest after
   * `deadlineMs`: then they are given up, and end with the process. A peer that is that slow must
   * not take the time from what is to be ended next.
   */
  shutdown(deadlineMs: number): Promise<void>;
}

/** Answers a request. */
export type Fetch = (
  request: Request,
  from: { readonly peer: { readonly address: string; readonly isLocal: boolean } },
) => Response | Promise<Response>;

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** @throws {Error} where the address cannot be listened on, saying which. */
export function serve({ host, port, fetch, clock }: ServeOptions): HttpServer {
  try {
    const server = Deno.serve(
      { hostname: host, port, onListen() {} },
      (request, { remoteAddr }) => {
        const { hostname: address } = remoteAddr;
        return fetch(request, { peer: { address, isLocal: isOwn && isLoopback(address) } });
      },
    );
    const isOwn = isLoopback(server.addr.hostname);
    const name = host.includes(":") ? `[${host}]` : host;
    return {
      url: `http://${name}:${server.addr.port}/`,
      async shutdown(deadlineMs) {
        const ended = server.shutdown().then(() => "answered" as const);
        if (await within(clock, deadlineMs, ended, () => "late") === "answered") return;
        logger.warn("Requests were not finished within {deadlineMs} ms: they are given up", {
          deadlineMs,
        });
      },
    };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "is in use by another program, wanted a free one (app.port, or PORT=… in the environment)"
      : "cannot be listened on (app.host, app.port)";
    throw new Error(`Address "${host}:${port}" ${reason}`, { cause: error });
  }
}
