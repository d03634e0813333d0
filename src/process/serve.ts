/** A listening HTTP server. */
export interface HttpServer {
  /** `http://host:port/` */
  readonly url: string;
  /** Stops accepting, and resolves when the requests under way are answered. */
  shutdown(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** @throws {Error} where the address cannot be listened on, saying which. */
export function serve({ host, port, fetch }: ServeOptions): HttpServer {
  try {
    const server = Deno.serve({ hostname: host, port, onListen() {} }, (request) => fetch(request));
    const name = host.includes(":") ? `[${host}]` : host;
    return { url: `http://${name}:${server.addr.port}/`, shutdown: () => server.shutdown() };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "is in use by another program, wanted a free one (app.port)"
      : "cannot be listened on (app.host, app.port)";
    throw new Error(`Address ${host}:${port} ${reason}`, { cause: error });
  }
}
