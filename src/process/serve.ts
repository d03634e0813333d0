/** Listening for HTTP requests, also when there are too many connections. */
import { getLogger } from "../ports/logger.ts";
import { isLoopback } from "../domain/loopback.ts";
import { backoffMs, type Clock, within } from "../ports/clock.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import type { SpareDescriptors } from "./spare_descriptors.ts";

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
  from: {
    readonly peer: { readonly address: string; readonly isLocal: boolean };
    /** The other end's: requests with the same have the same connection. Default: not known. */
    readonly port?: number;
  },
) => Response | Promise<Response>;

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Beyond about so many, connections without a request are closed. Default: any number. */
  readonly maxConnections?: number;
  /** A file that can be read, by which free descriptors are counted. Default: they are not. */
  readonly probeFile?: string;
  /** Default: nothing is measured. */
  readonly telemetry?: Telemetry;
}

/** So often it is looked whether there are too many connections. */
const lookMs = 500;
/** A request on a connection that was to be closed has so long to be read, answered and sent. */
const lastRequestMs = 15_000;
const repeatMs = 60_000;
const listenAgain = { firstMs: 10, mostMs: 1000 };
/** A listener that lasts so long has not failed again. */
const steadyMs = 5000;

interface Listener {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  readonly connections: AbortController;
  readonly startedAt: number;
}

/**
 * Deno's server has no bound on its connections: at the process's limit its accepting fails, and
 * ends. And nobody but itself can close one connection. So where there are too many, the listener
 * as a whole is shut down: this closes connections that are idle or have sent half of a head, while
 * requests under way are answered. Then it listens again.
 *
 * @throws {Error} where the address cannot be listened on, saying which.
 */
export function serve(options: ServeOptions): HttpServer {
  const { host, fetch, clock, maxConnections = Infinity, telemetry = silentTelemetry } = options;
  let spare: SpareDescriptors | undefined;
  const retired = new Set<Promise<void>>();
  let isEnding = false;
  let failures = 0;
  let toldAt = -Infinity;
  let cancelLook = (): void => {};
  let cancelListening = (): void => {};

  function listen(port: number): Listener {
    const connections = new AbortController();
    const server = Deno.serve(
      { hostname: host, port, onListen() {}, signal: connections.signal },
      (request, { remoteAddr: { hostname: address, port } }) => {
        // Where a proxy asks, it is always the same.
        if (peer.address !== address) peer = { address, isLocal: isOwn && isLoopback(address) };
        return fetch(request, { peer, port });
      },
    );
    const isOwn = isLoopback(server.addr.hostname);
    let peer: Parameters<Fetch>[1]["peer"] = { address: "", isLocal: false };
    const listener = { server, connections, startedAt: clock.now() };
    server.finished.catch((error) => shed(listener, reasonOf(error)));
    return listener;
  }

  function look(): void {
    cancelLook = clock.after(lookMs, look, { keepsAlive: false });
    if (spare === undefined || current === undefined) return;
    const open = spare.open();
    if (open === undefined) shed(current, "Hardly any file descriptors are left");
    else if (open - ownDescriptors > maxConnections) {
      shed(current, `There are about ${open - ownDescriptors}, wanted at most ${maxConnections}`);
    }
  }

  /** Closes what is idle, and listens again. */
  function shed(listener: Listener, reason: string): void {
    if (isEnding || listener !== current) return;
    current = undefined;
    spare?.release();
    telemetry.count("shelfcast.http.connections_shed");
    tell(
      "Too many connections: idle ones are closed, and listening begins anew ({reason})",
      reason,
    );
    retire(listener);
    failures = clock.now() - listener.startedAt < steadyMs ? failures + 1 : 1;
    resume();
  }

  function retire({ server, connections }: Listener): void {
    const cancel = clock.after(lastRequestMs, () => connections.abort(), { keepsAlive: false });
    const ended = server.shutdown().catch(() => {}).finally(() => {
      cancel();
      retired.delete(ended);
    });
    retired.add(ended);
  }

  function resume(): void {
    cancelListening = clock.after(backoffMs(failures, listenAgain), () => {
      try {
        if (spare?.hold() === false) throw new Error("Too few file descriptors are free");
        current = listen(port);
      } catch (error) {
        failures += 1;
        tell("Listening does not begin again yet, and is tried anew: {reason}", reasonOf(error));
        resume();
      }
    });
  }

  /** Once a minute is enough, as it may happen every second. */
  function tell(message: string, reason: string): void {
    if (clock.now() - toldAt < repeatMs) return;
    toldAt = clock.now();
    logger.error(message, { reason });
  }

  let current: Listener | undefined = listenFirst();
  const { port } = current.server.addr;
  let ownDescriptors = 0;
  if (options.probeFile !== undefined) watchDescriptorsSoon(options.probeFile);

  /**
   * Behind the first answers, as what it needs of `node:fs` takes long to load. Connections may
   * have come by then: a file that is opened now holds the first descriptor that is not our own.
   */
  function watchDescriptorsSoon(file: string): void {
    let first = openedIfPossible(file);
    const letGo = (): void => {
      first?.close();
      first = undefined;
    };
    const cancel = clock.after(lookMs, async () => {
      const { createSpareDescriptors, numberOf } = await import("./spare_descriptors.ts");
      letGo();
      if (isEnding) return;
      ownDescriptors = numberOf(file);
      spare = createSpareDescriptors(file);
      spare.hold();
      look();
    }, { keepsAlive: false });
    cancelLook = () => {
      cancel();
      letGo();
    };
  }

  function listenFirst(): Listener {
    try {
      return listen(options.port);
    } catch (error) {
      const reason = error instanceof Deno.errors.AddrInUse
        ? "is in use by another program, wanted a free one (app.port, or PORT=… in the environment)"
        : "cannot be listened on (app.host, app.port)";
      throw new Error(`Address "${host}:${options.port}" ${reason}`, { cause: error });
    }
  }

  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${port}/`,
    async shutdown(deadlineMs) {
      isEnding = true;
      cancelLook();
      cancelListening();
      spare?.release();
      const answered = Promise.all([current?.server.shutdown(), ...retired]);
      const ended = answered.then(() => "answered" as const);
      if (await within(clock, deadlineMs, ended, () => "late") === "answered") return;
      logger.warn("Requests were not finished within {deadlineMs} ms: they are given up", {
        deadlineMs,
      });
    },
  };
}

function openedIfPossible(file: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(file);
  } catch {
    return undefined;
  }
}

const reasonOf = (error: unknown): string => error instanceof Error ? error.message : `${error}`;
