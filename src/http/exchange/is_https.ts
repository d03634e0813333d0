import type { Context } from "hono";

/**
 * Whether the client came by TLS, as far as a proxy says. The header is believed from anybody: who
 * forges it only makes their own cookie and browser stricter.
 */
export function isHttps(c: Context): boolean {
  const [forwarded] = (c.req.header("X-Forwarded-Proto") ?? "").split(",", 1);
  return c.req.url.startsWith("https:") || forwarded?.trim().toLowerCase() === "https";
}
