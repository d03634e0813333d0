/** Who may change books: those with the operator's token or, where there is none, this machine. */
import type { Context, MiddlewareHandler } from "hono";
import { isLoopback } from "../../domain/loopback.ts";
import { Problem } from "./problem.ts";
import type { RequestIdEnv } from "./request_id.ts";

/** Where the other end of a request's connection is, as the server's socket says. */
export interface Peer {
  readonly address: string;
  /** Both ends of the connection, and the address that is listened on, are this machine's own. */
  readonly isLocal: boolean;
  /** The connection came to the operators' own listener. */
  readonly isAdmin?: boolean;
}

/**
 * Lets operators through. With a token they are those who send it (RFC 6750), wherever they are.
 * Without one they are programs of this machine that ask for it by its own name.
 *
 * @throws {Problem} `operator-token-missing`, `operator-token-wrong`, `operators-only`
 */
export function operatorsOnly(token: string | undefined): MiddlewareHandler<RequestIdEnv> {
  return async (c, next) => {
    if (token === undefined) checkLocal(c);
    else await checkToken(c.req.header("Authorization"), token);
    await next();
  };
}

/** Whether a request may see what operators see. */
export type MayLook = (c: Context<RequestIdEnv>) => Promise<boolean>;

/**
 * Operators look by a listener of their own, or with their token. Where there is no such listener,
 * programs of this machine may, too.
 */
export function operatorsLook(token: string | undefined, hasListener: boolean): MayLook {
  return async (c) => {
    if (c.env?.peer?.isAdmin === true) return true;
    const authorization = c.req.header("Authorization");
    try {
      if (token !== undefined && authorization !== undefined) {
        await checkToken(authorization, token);
        return true;
      }
      if (hasListener) return false;
      checkLocal(c);
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  };
}

async function checkToken(authorization: string | undefined, token: string): Promise<void> {
  if (authorization === undefined) {
    throw new Problem(
      "operator-token-missing",
      'Header "Authorization" is missing, wanted "Bearer" and the operator token',
    );
  }
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  // Digests are of one length, so that the comparison tells nothing of the token by its time.
  if (isEqual(await digest(given), await digest(token))) return;
  throw new Problem(
    "operator-token-wrong",
    'Header "Authorization" has another token, wanted "Bearer" and the operator token',
  );
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Looks at every byte, wherever they differ. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  one.forEach((byte, n) => difference |= byte ^ (other[n] ?? 0));
  return difference === 0;
}

/** What says that somebody else's request was passed on by a program of this machine. */
const forwarding = [
  "Forwarded",
  "Via",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
  "X-Real-IP",
];

/**
 * A proxy on this machine passes on what comes from anywhere, and a page in a browser on it may be
 * anybody's: that is no operator.
 */
function checkLocal(c: Context<RequestIdEnv>): void {
  const { headers } = c.req.raw;
  const forwardedBy = forwarding.find((name) => headers.has(name));
  const site = headers.get("Sec-Fetch-Site") ?? "none";
  const is = c.env?.peer?.isLocal !== true
    ? "Request is not from this machine to its loopback address"
    : forwardedBy !== undefined
    ? `Request was forwarded, as its header "${forwardedBy}" says`
    : !isLoopback(new URL(c.req.url).hostname)
    ? 'Header "Host" is not this machine\'s loopback address'
    : site !== "none" && site !== "same-origin"
    ? "Request comes from another site's page"
    : undefined;
  if (is === undefined) return;
  throw new Problem(
    "operators-only",
    `${is}, wanted a shop with "app.operator_token" and a request that bears it`,
  );
}
