import { getLogger } from "@logtape/logtape";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Clock } from "../ports/clock.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type RequestIdEnv, requestIdOf } from "./exchange/request_id.ts";

const logger = getLogger(["shelfcast", "http"]);
const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * One line a request, at debug level, and its duration as a number. The route stands for the
 * address: paths and query strings are whatever the sender likes.
 */
export function accessLog(clock: Clock, telemetry: Telemetry): MiddlewareHandler<RequestIdEnv> {
  return async (c, next) => {
    const startedAt = clock.now();
    await next();
    const durationMs = Math.max(0, clock.now() - startedAt);
    const method = knownMethods.has(c.req.method) ? c.req.method : "_OTHER";
    const route = routePath(c, -1).replace("/*", "") || "unmatched";
    const status = c.res.status;
    telemetry.histogram("shelfcast.http.request_ms", durationMs, {
      method,
      route,
      status: String(status),
    });
    logger.debug("{method} {route} {status}", () => ({
      method,
      route,
      status,
      "http.request.method": method,
      "http.route": route,
      "http.response.status_code": status,
      "shelfcast.request_id": requestIdOf(c),
      durationMs,
    }));
  };
}
