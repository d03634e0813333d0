/** Which requests are answered when there are more than can be: nobody waits behind a crowd. */
import { getPath } from "hono/utils/url";
import type { Clock } from "../ports/clock.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Peer } from "./exchange/operators_only.ts";
import { clientAddress, type TrustedProxies } from "./client_address.ts";
import { preparedProblem } from "./exchange/problem.ts";
import { createRateLimit } from "./rate_limit.ts";

type Answer = Response | Promise<Response>;
/** Answers a request of that peer. */
export type AnswerRequest = (request: Request, from: { readonly peer: Peer }) => Answer;

export interface AdmissionOptions {
  /** Beyond it, requests are turned away. Default: any number may be under way. */
  readonly maxRequests?: number;
  /** Requests a second of one client, in the long run; 0, the default: any number. */
  readonly clientRate?: number;
  /** Whose `X-Forwarded-For` is believed. Default: nobody's. */
  readonly proxies?: TrustedProxies;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Load balancers and operators need to know how things are most when they are bad. */
const alwaysPass = new Set(["/livez", "/readyz", "/metrics"]);

const overloaded = preparedProblem("overloaded", "As many requests as can be are under way");
const tooMany = preparedProblem("too-many-requests", "This client asks more often than it may");

/**
 * Half of the requests that may be under way are anybody's. Of the other half one client may have
 * an eighth, so that it cannot turn all the others away. Below the half this costs a comparison.
 */
export function admit(answer: AnswerRequest, options: AdmissionOptions): AnswerRequest {
  const { maxRequests = Infinity, clientRate = 0, clock, telemetry } = options;
  const clientOf = clientAddress(options.proxies);
  const anybodys = Math.ceil(maxRequests / 2);
  const mostOfOne = Math.max(1, Math.floor((maxRequests - anybodys) / 8));
  const crowd = new Map<string, number>();
  const rates = clientRate === 0 ? undefined : createRateLimit(clientRate, clock);
  let underWay = 0;

  function turnAway(request: Request, reason: "overloaded" | "rate"): Response | undefined {
    if (alwaysPass.has(getPath(request))) return undefined;
    telemetry.count("shelfcast.http.turned_away", { reason });
    return reason === "rate" ? tooMany() : overloaded();
  }

  function under(answered: Answer, end: () => void): Answer {
    if (answered instanceof Response) {
      end();
      return answered;
    }
    return answered.then((response) => {
      end();
      return response;
    }, (error) => {
      end();
      throw error;
    });
  }

  const endOne = (): void => {
    underWay -= 1;
  };

  return (request, from) => {
    if (rates !== undefined && !rates.take(clientOf(request.headers, from.peer))) {
      const refusal = turnAway(request, "rate");
      if (refusal !== undefined) return refusal;
    }
    if (underWay < anybodys) {
      underWay += 1;
      return under(answer(request, from), endOne);
    }
    const client = clientOf(request.headers, from.peer);
    const held = crowd.get(client) ?? 0;
    if (underWay >= maxRequests || held >= mostOfOne) {
      const refusal = turnAway(request, "overloaded");
      if (refusal !== undefined) return refusal;
    }
    underWay += 1;
    crowd.set(client, held + 1);
    return under(answer(request, from), () => {
      underWay -= 1;
      const left = (crowd.get(client) ?? 1) - 1;
      if (left > 0) crowd.set(client, left);
      else crowd.delete(client);
    });
  };
}
