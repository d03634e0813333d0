/**
 * Who a request comes from, as its cookies say: `uid` names the visitor, and `uid_sig` proves that
 * the name was given by us. Whoever only knows another's name can make searches under it, and gets
 * nothing by it.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Context } from "hono";
import { generateCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import { isVisitorId } from "../../domain/uuid.ts";
import { isHttps } from "./is_https.ts";
import type { RequestIdEnv } from "./request_id.ts";

/** A visitor that a request names. */
export interface Visitor {
  /** A UUID in lower case. */
  readonly id: string;
  /** Whether it is shown that we gave this id to whoever asks. */
  readonly isProven: boolean;
  /** Given with this answer: nothing is known of them yet. Default: false. */
  readonly isNew?: boolean;
}

/** Gives visitors their names, and knows them again. */
export interface Visitors {
  /** The visitor that the request names; one that we cannot have given counts as none. */
  known(headers: Headers): Visitor | undefined;
  /** As `known`, and only where it is proven. */
  proven(headers: Headers): string | undefined;
  /** As `known`, else a new one. Who comes without proof is given a new name for the next time. */
  welcome(c: Context<RequestIdEnv>): Visitor;
  /** Tells the browser that the visitor is nobody any more. */
  forget(c: Context<RequestIdEnv>): void;
}

const encoder = new TextEncoder();
const base64url = { alphabet: "base64url", omitPadding: true } as const;

/** A cookie that keeps the form it always had, and one beside it that proves it. */
const idCookie = "uid";
const proofCookie = "uid_sig";
const maxAgeSeconds = 30 * 24 * 60 * 60;

/** Whoever comes comes again soon, and a proof costs as much as the search. Some 2 MB. */
const rememberedProofs = 10_000;

/**
 * @param newVisitorId Gives UUIDs of version 4.
 * @param secret What ids are signed with; others who know it can be any visitor.
 */
export function createVisitors(newVisitorId: () => string, secret: string): Visitors {
  const proofs = new Map<string, string>();
  const key = encoder.encode(secret);

  function proofOf(id: string): string {
    const known = proofs.get(id);
    if (known !== undefined) return known;
    // As fast as `node:crypto`, and there with a quarter of what that takes to load.
    const proof = hmac(sha256, key, encoder.encode(`visitor ${id}`)).toBase64(base64url);
    if (proofs.size >= rememberedProofs) proofs.clear();
    proofs.set(id, proof);
    return proof;
  }

  function known(headers: Headers): Visitor | undefined {
    const cookies = headers.get("Cookie");
    if (cookies === null) return undefined;
    const id = cookieOf(cookies, idCookie);
    if (id === undefined || !isVisitorId(id)) return undefined;
    const proof = cookieOf(cookies, proofCookie);
    return { id, isProven: proof !== undefined && isSame(proof, proofOf(id)) };
  }

  return {
    known,
    proven(headers) {
      const visitor = known(headers);
      return visitor?.isProven ? visitor.id : undefined;
    },
    welcome(c) {
      const visitor = known(c.req.raw.headers);
      if (visitor?.isProven) return visitor;
      const id = newVisitorId();
      setCookies(c, id, proofOf(id), maxAgeSeconds);
      return visitor ?? { id, isProven: true, isNew: true };
    },
    forget: (c) => setCookies(c, "", "", 0),
  };
}

/** Over TLS: browsers take it from this host only, for all paths, and never without TLS. */
const hostName = (name: string): string => `__Host-${name}`;

function cookieOf(cookies: string, name: string): string | undefined {
  const ofHost = hostName(name);
  return parse(cookies, ofHost)[ofHost] ?? parse(cookies, name)[name];
}

/** Takes as long wherever the two differ, so that the time tells nothing of a proof. */
function isSame(given: string, wanted: string): boolean {
  if (given.length !== wanted.length) return false;
  let difference = 0;
  for (let at = 0; at < wanted.length; at++) {
    difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at);
  }
  return difference === 0;
}

function setCookies(c: Context<RequestIdEnv>, id: string, proof: string, maxAge: number): void {
  const secure = isHttps(c);
  const cookie = (name: string, value: string): string =>
    generateCookie(secure ? hostName(name) : name, value, {
      path: "/",
      httpOnly: true,
      sameSite: "Lax",
      maxAge,
      secure,
    });
  c.set("newCookies", [cookie(idCookie, id), cookie(proofCookie, proof)]);
}
