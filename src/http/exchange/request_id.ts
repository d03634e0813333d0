import type { Context, MiddlewareHandler } from "hono";
import type { Peer } from "./operators_only.ts";

const headerName = "X-Request-Id";
const sane = /^[\w.:/+=-]{1,128}$/;

/** What the server and the middleware leave for those behind them. */
export interface RequestIdEnv {
  readonly Bindings: {
    /** What the server says of the request; without one, nothing is known. */
    readonly peer?: Peer;
    /** Where no middleware has been there to set the variable. */
    readonly requestId?: string;
    /** What answering threw where no route of Hono's was there to catch it. */
    readonly error?: unknown;
  };
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
export type ChooseRequestId = (headers: Headers) => string;

export function chooseRequestIds(newRequestId: () => string): ChooseRequestId {
  return (headers) => {
    const given = headers.get(headerName);
    return given !== null && sane.test(given) ? given : newRequestId();
  };
}

export function requestIds(choose: ChooseRequestId): MiddlewareHandler<RequestIdEnv> {
  return async (c, next) => {
    c.set("requestId", choose(c.req.raw.headers));
    await next();
  };
}

export function requestIdOf(c: Context<RequestIdEnv>): string {
  return c.env?.requestId ?? c.get("requestId");
}
