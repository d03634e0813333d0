import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isVisitorId } from "../../domain/uuid.ts";

const cookieName = "uid";
const maxAgeSeconds = 30 * 24 * 60 * 60;

/** The visitor that the request names; one that we cannot have given counts as none. */
export function knownVisitor(c: Context): string | undefined {
  const value = getCookie(c, cookieName);
  return value !== undefined && isVisitorId(value) ? value : undefined;
}

/** The visitor that the request names or else a new one, told to the browser. */
export function visitor(c: Context, newVisitorId: () => string): string {
  const known = knownVisitor(c);
  if (known !== undefined) return known;
  const fresh = newVisitorId();
  setCookie(c, cookieName, fresh, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: maxAgeSeconds,
    secure: isHttps(c),
  });
  return fresh;
}

/** The header is believed from anybody: who forges it only makes their own cookie stricter. */
function isHttps(c: Context): boolean {
  const [forwarded] = (c.req.header("X-Forwarded-Proto") ?? "").split(",", 1);
  return c.req.url.startsWith("https:") || forwarded?.trim().toLowerCase() === "https";
}
