import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../domain/loopback.ts";
import { Problem } from "./exchange/problem.ts";

const probes = new Set(["/livez", "/readyz"]);

/** Host and port as RFC 3986 §3.2 has them: a name, an IPv4 address, or an IPv6 one in brackets. */
const hostAndPort = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d{0,5})?$/;

/** What is wrong with a request's Host, if anything is. */
export type FindHostFault = (request: Request, path: string) => Problem | undefined;

/**
 * Finds a Host that is none. The server makes the request's address of it, so that in `a?q=evil&x=`
 * parameters would come from there, in `a/b` the path, and of `%a` none at all.
 *
 * Where hosts are named, finds all others but this machine's own names: a page elsewhere whose name
 * is made to lead here (DNS rebinding) is none of ours. Probes name an address of their own.
 */
export function hostFaults(allowedHosts: readonly string[]): FindHostFault {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  // Nearly all requests name the host that the one before named.
  let [lastHost, lastOrigin] = [null as string | null, ""];
  const isGood = (host: string | null, origin: string): boolean => {
    if (host === lastHost && origin === lastOrigin) return true;
    if (host !== null && !hostAndPort.test(host)) return false;
    if (!URL.canParse(origin)) return false;
    [lastHost, lastOrigin] = [host, origin];
    return true;
  };
  return (request, path) => {
    const host = request.headers.get("Host");
    // A request line may name another host: then the address is made of that one.
    const origin = originOf(request.url);
    if (!isGood(host, origin)) {
      const odd = host !== null && !hostAndPort.test(host) ? host : origin;
      return new Problem(
        "bad-host",
        `Host is ${JSON.stringify(odd.slice(0, 100))}, wanted a host name and port`,
      );
    }
    if (allowed.size === 0 || probes.has(path)) return undefined;
    const { hostname } = new URL(request.url);
    if (allowed.has(hostname) || isLoopback(hostname)) return undefined;
    return new Problem(
      "host-not-allowed",
      `Host is ${JSON.stringify(hostname.slice(0, 100))}, wanted one of "app.allowed_hosts"`,
    );
  };
}

/** `http://host:port`, whatever stands there. */
function originOf(url: string): string {
  const end = url.indexOf("/", url.indexOf(":") + 3);
  return end < 0 ? url : url.slice(0, end);
}

/** Refuses what has a fault. @throws {Problem} `bad-host`, `host-not-allowed` */
export function hostHeader(findFault: FindHostFault): MiddlewareHandler {
  return async (c, next) => {
    const fault = findFault(c.req.raw, c.req.path);
    if (fault !== undefined) throw fault;
    await next();
  };
}
