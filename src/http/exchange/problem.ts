/** Problems, and the one place where statuses of HTTP stand. */
import type { Context } from "hono";
import { answer, security } from "./answer.ts";
import { type RequestIdEnv, requestIdOf } from "./request_id.ts";

/**
 * All answers that are not a success: RFC 9457 problems. This is the one file that knows HTTP
 * statuses; the plain statuses are here for that reason.
 */
export type ProblemCode = keyof typeof problems;

interface ProblemFacts {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 412
    | 413
    | 415
    | 421
    | 422
    | 429
    | 500
    | 503;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const problems = {
  "bad-parameter": { status: 400, title: "A parameter is not valid" },
  "bad-host": { status: 400, title: "The host is not valid" },
  "bad-json": { status: 400, title: "The body is not valid JSON" },
  "operator-token-missing": {
    status: 401,
    title: "An operator's token is wanted here",
    headers: { "WWW-Authenticate": 'Bearer realm="shelfcast"' },
  },
  "operator-token-wrong": {
    status: 401,
    title: "An operator's token is wanted here",
    headers: { "WWW-Authenticate": 'Bearer realm="shelfcast", error="invalid_token"' },
  },
  "operators-only": { status: 403, title: "Only operators may do that" },
  "not-found": { status: 404, title: "There is nothing here" },
  "book-not-found": { status: 404, title: "There is no such book" },
  "event-not-found": { status: 404, title: "Nothing is known of this event" },
  "trends-off": { status: 404, title: "This shop keeps no trends" },
  "consumers-off": { status: 404, title: "This shop keeps nothing of what visitors search for" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  "body-too-slow": {
    status: 408,
    title: "The body did not come in time",
    headers: { "Connection": "close" },
  },
  "shelf-full": { status: 409, title: "The shelf is full" },
  "book-changed": { status: 412, title: "The book is no longer the one that was meant" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body is not of a supported type" },
  "host-not-allowed": { status: 421, title: "This shop has another name" },
  "invalid-book": { status: 422, title: "The book is not valid" },
  "too-many-requests": {
    status: 429,
    title: "That was asked too often",
    headers: { "Retry-After": "1" },
  },
  "too-many-bodies": {
    status: 503,
    title: "There is too much to read at the moment",
    headers: { "Retry-After": "10", "Connection": "close" },
  },
  "overloaded": {
    status: 503,
    title: "There is too much to do at the moment",
    // What else stands in line on the connection would be as much work again.
    headers: { "Retry-After": "1", "Connection": "close" },
  },
  "internal": { status: 500, title: "Something went wrong on our side" },
  "catalogue-unavailable": {
    status: 503,
    title: "The catalogue is away for a moment",
    headers: { "Retry-After": "5" },
  },
  "read-models-unavailable": {
    status: 503,
    title: "What is made of searches is away for a moment",
    headers: { "Retry-After": "5" },
  },
} as const satisfies Record<string, ProblemFacts>;

/** The status of an answer whose request made something. */
export const created = 201;

/** The status of an answer that has nothing to say. */
export const noContent = 204;

/** The status of an answer that the client has already. */
export const notModified = 304;

/** The status of a service that wants no requests. */
export const notReady = 503;

/** One thing that is wrong with a body: where (RFC 6901 JSON Pointer) and what. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemParts {
  readonly faults?: readonly FieldFault[];
  /** For a page: a sentence for somebody who only wanted to find a book. */
  readonly sentence?: string;
}

/**
 * Thrown by routes; its message is the problem's `detail`, so it is written for whoever sent the
 * request.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly faults: readonly FieldFault[];
  readonly sentence: string | undefined;

  constructor(code: ProblemCode, detail?: string, { faults = [], sentence }: ProblemParts = {}) {
    super(detail ?? "");
    this.code = code;
    this.faults = faults;
    this.sentence = sentence;
  }

  get status(): ProblemFacts["status"] {
    return problems[this.code].status;
  }

  get title(): string {
    return problems[this.code].title;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers = {} }: ProblemFacts = problems[this.code];
    return { ...headers, "Cache-Control": "no-store" };
  }
}

/**
 * The problem as `application/problem+json`. `type` is a name, relative to the service; there is
 * nothing to fetch there.
 */
export function problemResponse(c: Context<RequestIdEnv>, problem: Problem): Response {
  const { code, title, status, message, faults } = problem;
  const body = {
    type: `/problems/${code}`,
    title,
    status,
    ...(message !== "" && { detail: message }),
    ...(faults.length > 0 && { errors: faults }),
    request_id: requestIdOf(c),
  };
  return answer(c, JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...problem.headers },
  });
}

/**
 * The same for requests that nothing is spent on: all is made once, and nothing is told of them.
 */
export function preparedProblem(code: ProblemCode, detail: string): () => Response {
  const { title, status, headers } = new Problem(code);
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, detail });
  const all = { ...security, "Content-Type": "application/problem+json", ...headers };
  return () => new Response(body, { status, headers: all });
}
