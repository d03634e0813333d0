import type { Context } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import { isVisitorId } from "../../domain/uuid.ts";
import { isHttps } from "./is_https.ts";
import type { RequestIdEnv } from "./request_id.ts";

const cookieName = "uid";
/** Over TLS: browsers take it from this host only, for all paths, and never without TLS. */
const hostCookieName = `__Host-${cookieName}`;
const maxAgeSeconds = 30 * 24 * 60 * 60;

/** The visitor that the request names; one that we cannot have given counts as none. */
export function knownVisitor(c: Context): string | undefined {
  const value = getCookie(c, hostCookieName) ?? getCookie(c, cookieName);
  return value !== undefined && isVisitorId(value) ? value : undefined;
}

/** The visitor that the request names or else a new one, told to the browser. */
export function visitor(c: Context<RequestIdEnv>, newVisitorId: () => string): string {
  const known = knownVisitor(c);
  if (known !== undefined) return known;
  const fresh = newVisitorId();
  c.set("newCookie", cookieOf(c, fresh, maxAgeSeconds));
  return fresh;
}

/** Tells the browser that the visitor is nobody any more. */
export function forgetCookie(c: Context<RequestIdEnv>): void {
  c.set("newCookie", cookieOf(c, "", 0));
}

function cookieOf(c: Context<RequestIdEnv>, value: string, maxAge: number): string {
  const secure = isHttps(c);
  return generateCookie(secure ? hostCookieName : cookieName, value, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge,
    secure,
  });
}
