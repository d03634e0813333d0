import type { Context, MiddlewareHandler } from "hono";

const headerName = "X-Request-Id";
const sane = /^[\w.:/+=-]{1,128}$/;

/** What the middleware leaves for those behind it. */
export interface RequestIdEnv {
  readonly Variables: {
    readonly requestId: string;
    /** Of a visitor who has none yet; every answer tells it, an error's too. */
    readonly newCookie?: string;
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
