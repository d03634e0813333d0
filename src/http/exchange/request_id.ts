import type { Context, MiddlewareHandler } from "hono";
import type { Peer } from "./operators_only.ts";

const headerName = "X-Request-Id";
const sane = /^[\w.:/+=-]{1,128}$/;

/** What the server and the middleware leave for those behind them. */
export interface RequestIdEnv {
  /** What the server says of the request; without one, nothing is known. */
  readonly Bindings: { readonly peer?: Peer };
  readonly Variables: {
    readonly requestId: string;
    /** Of a visitor who has none yet; every answer tells them, an error's too. */
    readonly newCookies?: readonly string[];
  };
}

/**
 * Every answer bears the id that the request came with or, where that is missing or odd, a new
 * one.
 */
export function requestIds(newRequestId: () => string): MiddlewareHandler<RequestIdEnv> {
  return async (c, next) => {
    const given = c.req.header(headerName);
    const requestId = given !== undefined && sane.test(given) ? given : newRequestId();
    c.set("requestId", requestId);
    await next();
  };
}

export function requestIdOf(c: Context<RequestIdEnv>): string {
  return c.get("requestId");
}
