/** Answers, made once with all of their headers. */
import type { Context } from "hono";
import { isHttps } from "./is_https.ts";
import { type RequestIdEnv, requestIdOf } from "./request_id.ts";

/** Names and values, ready for a Response. */
export type AnswerHeaders = Readonly<Record<string, string>>;

export interface AnswerParts {
  /** Default: that of a success. */
  readonly status?: number;
  readonly headers?: AnswerHeaders;
}

/**
 * On every answer: nothing runs, nothing is loaded from elsewhere, and no search leaks by a
 * referrer.
 */
export const security: AnswerHeaders = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
};

const yearSeconds = 31_536_000;
const encoder = new TextEncoder();

/** What is answered. */
export interface Asked {
  readonly method: string;
  readonly requestId: string;
  readonly newCookies?: readonly string[] | undefined;
}

export type AnswerBody = string | Uint8Array<ArrayBuffer> | null;

/** Makes the answer to what Hono's context says was asked; see `answerTo`. */
export function answer(
  c: Context<RequestIdEnv>,
  body: AnswerBody,
  parts?: AnswerParts,
): Response {
  const { method } = c.req.raw;
  return answerTo(
    { method, requestId: requestIdOf(c), newCookies: c.get("newCookies") },
    body,
    parts,
  );
}

/**
 * Makes an answer with all of its headers at once. Routes answer by this only: it bears the headers
 * that every answer has, and a header that comes later makes Hono build the Response anew, out of
 * the stream of the first one's body (honojs/hono PR 5185).
 *
 * A HEAD answer tells the length that GET's would have (RFC 9110 §9.3.2); without this the server
 * would say 0.
 */
export function answerTo(
  { method, requestId, newCookies: cookies }: Asked,
  body: AnswerBody,
  { status, headers }: AnswerParts = {},
): Response {
  const all: Record<string, string> = {
    ...security,
    "X-Request-Id": requestId,
    ...headers,
  };
  if (method === "HEAD" && body !== null) {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    all["Content-Length"] = String(bytes.byteLength);
  }
  // One name with two values fits into no record.
  const sent = cookies === undefined
    ? all
    : [...Object.entries(all), ...cookies.map((cookie) => ["Set-Cookie", cookie])];
  return new Response(body, { ...(status !== undefined && { status }), headers: sent });
}

/** The same with a value as JSON. */
export function answerJson(
  c: Context<RequestIdEnv>,
  value: unknown,
  { headers, ...parts }: AnswerParts = {},
): Response {
  return answer(c, JSON.stringify(value), {
    ...parts,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

/** The same with a page for people. */
export async function answerPage(
  c: Context<RequestIdEnv>,
  page: string | Promise<string>,
  { headers, ...parts }: AnswerParts = {},
): Promise<Response> {
  return answer(c, String(await page), {
    ...parts,
    headers: {
      "Content-Type": "text/html; charset=UTF-8",
      ...(isHttps(c) && { "Strict-Transport-Security": `max-age=${yearSeconds}` }),
      ...headers,
    },
  });
}
