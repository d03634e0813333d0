import { getLogger } from "../ports/logger.ts";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Clock } from "../ports/clock.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type RequestIdEnv, requestIdOf } from "./exchange/request_id.ts";

const logger = getLogger(["shelfcast", "http"]);
const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** An answer that was given. */
export interface Answered {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
  readonly startedAt: number;
}

/**
 * One line a request, at debug level, and its duration as a number. The route stands for the
 * address: paths and query strings are whatever the sender likes.
 */
export type NoteAnswer = (answered: Answered) => void;

export function noteAnswers(clock: Clock, telemetry: Telemetry): NoteAnswer {
  return ({ method: given, route, status, requestId, startedAt }) => {
    const durationMs = Math.max(0, clock.now() - startedAt);
    const method = knownMethods.has(given) ? given : "_OTHER";
    telemetry.histogram("shelfcast.http.request_ms", durationMs, {
      method,
      route,
      status: String(status),
    });
    if (!logger.isEnabledFor("debug")) return;
    logger.debug("{method} {route} {status}", {
      method,
      route,
      status,
      "http.request.method": method,
      "http.route": route,
      "http.response.status_code": status,
      "shelfcast.request_id": requestId,
      durationMs,
    });
  };
}

export function accessLog(clock: Clock, note: NoteAnswer): MiddlewareHandler<RequestIdEnv> {
  return async (c, next) => {
    const startedAt = clock.now();
    await next();
    note({
      method: c.req.method,
      route: routePath(c, -1).replace("/*", "") || "unmatched",
      status: c.res.status,
      requestId: requestIdOf(c),
      startedAt,
    });
  };
}
