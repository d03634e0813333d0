import type { Context } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import { isVisitorId } from "../../domain/uuid.ts";
import type { RequestIdEnv } from "./request_id.ts";

const cookieName = "uid";
const maxAgeSeconds = 30 * 24 * 60 * 60;

/** The visitor that the request names; one that we cannot have given counts as none. */
export function knownVisitor(c: Context): string | undefined {
  const value = getCookie(c, cookieName);
  return value !== undefined && isVisitorId(value) ? value : undefined;
}

/** The visitor that the request names or else a new one, told to the browser. */
export function visitor(c: Context<RequestIdEnv>, newVisitorId: () => string): string {
  const known = knownVisitor(c);
  if (known !== undefined) return known;
  const fresh = newVisitorId();
  const cookie = generateCookie(cookieName, fresh, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: maxAgeSeconds,
    secure: isHttps(c),
  });
  c.set("newCookie", cookie);
  return fresh;
}

/** The header is believed from anybody: who forges it only makes their own cookie stricter. */
function isHttps(c: Context<RequestIdEnv>): boolean {
  const [forwarded] = (c.req.header("X-Forwarded-Proto") ?? "").split(",", 1);
  return c.req.url.startsWith("https:") || forwarded?.trim().toLowerCase() === "https";
}
