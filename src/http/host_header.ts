import type { MiddlewareHandler } from "hono";
import { Problem } from "./exchange/problem.ts";

/** Host and port as RFC 3986 §3.2 has them: a name, an IPv4 address, or an IPv6 one in brackets. */
const hostAndPort = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d{0,5})?$/;

/**
 * Refuses a Host that is none. The server makes the request's address of it, so that in
 * `a?q=evil&x=` parameters would come from there, and in `a/b` the path.
 */
export function hostHeader(): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.raw.headers.get("Host");
    if (host !== null && !hostAndPort.test(host)) {
      throw new Problem(
        "bad-host",
        `Header "Host" is ${JSON.stringify(host.slice(0, 100))}, wanted a host name and port`,
      );
    }
    await next();
  };
}
