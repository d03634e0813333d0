import type { MiddlewareHandler } from "hono";

/**
 * A HEAD answer tells the length that GET's would have (RFC 9110 §9.3.2); without this the server
 * would say 0.
 */
export function headLength(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.req.method !== "HEAD") return;
    const { byteLength } = await c.res.clone().arrayBuffer();
    c.header("Content-Length", String(byteLength));
  };
}
