/** Which requests are answered when there are more than can be: nobody waits behind a crowd. */
import { getPath } from "hono/utils/url";
import type { Clock } from "../ports/clock.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Peer } from "./exchange/operators_only.ts";
import { clientAddress, type TrustedProxies } from "./client_address.ts";
import { preparedProblem } from "./exchange/problem.ts";
import { type Asker, createFairTurns, type NextTurn } from "./fair_turns.ts";
import { createRateLimit } from "./rate_limit.ts";

type Answer = Response | Promise<Response>;
interface From {
  readonly peer: Peer;
  /** The other end's. Default: nobody knows. */
  readonly port?: number;
}
/** Answers a request of that peer. */
export type AnswerRequest = (request: Request, from: From) => Answer;

export interface AdmissionOptions {
  /** Beyond it, requests are turned away. Default: any number may be under way. */
  readonly maxRequests?: number;
  /** Requests a second of one client, in the long run; 0, the default: any number. */
  readonly clientRate?: number;
  /** Whose `X-Forwarded-For` is believed. Default: nobody's. */
  readonly proxies?: TrustedProxies;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Default: the event loop's. */
  readonly nextTurn?: NextTurn;
}

const ownTurn: NextTurn = (begin) => void setImmediate(begin);

/** Load balancers and operators need to know how things are most when they are bad. */
const alwaysPass = new Set(["/livez", "/readyz", "/metrics"]);

const passes = (request: Request): boolean => alwaysPass.has(getPath(request));

const overloaded = preparedProblem("overloaded", "As many requests as can be are under way");
const tooMany = preparedProblem("too-many-requests", "This client asks more often than it may");

/**
 * Half of the requests that may be under way are anybody's. Of the other half one client may have
 * an eighth, so that it cannot turn all the others away. Of what may be under way, as much begins
 * as a turn of the event loop can do; the rest begins in fair turns. Where no more may be, whoever
 * has least waiting comes in, in place of the newest of whoever has most: many crowds turn away
 * themselves, and not who asks one thing at a time. Nor does a crowd turn away who asks now and
 * then from its own address.
 */
export function admit(answer: AnswerRequest, options: AdmissionOptions): AnswerRequest {
  const { maxRequests = Infinity, clientRate = 0, clock, telemetry, nextTurn = ownTurn } = options;
  const clientOf = clientAddress(options.proxies);
  const anybodys = Math.ceil(maxRequests / 2);
  const mostOfOne = Math.max(1, Math.floor((maxRequests - anybodys) / 8));
  const crowd = new Map<string, number>();
  const rates = clientRate === 0 ? undefined : createRateLimit(clientRate, clock);
  const turns = createFairTurns(clock, nextTurn);
  /** With those that wait for their turn. */
  let underWay = 0;

  function refuse(reason: "overloaded" | "rate"): Response {
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

  const askerOf = ({ headers }: Request, { peer, port }: From): Asker => ({
    client: clientOf(headers, peer),
    // A proxy's connections are anybody's.
    connection: options.proxies === undefined ? port : undefined,
  });

  /** Begins now or, where this turn or this client has had enough, when it is its turn. */
  function begin(request: Request, from: From, given?: Asker): Answer {
    const { address } = from.peer;
    const who = options.proxies === undefined ? address : (given ??= askerOf(request, from)).client;
    const known = turns.mustKnow(who) ? given ?? askerOf(request, from) : undefined;
    if (turns.mayBegin(known)) {
      const answered = answer(request, from);
      return known === undefined ? answered : under(answered, () => turns.end(known));
    }
    if (passes(request)) return answer(request, from);
    const asker = known ?? given ?? askerOf(request, from);
    return new Promise((resolve, reject) =>
      turns.queue(asker.client, {
        begin() {
          try {
            resolve(under(answer(request, from), () => turns.end(asker)));
          } catch (error) {
            turns.end(asker);
            reject(error);
          }
        },
        giveUp: () => resolve(refuse("overloaded")),
      })
    );
  }

  const endOne = (): void => {
    underWay -= 1;
  };

  return (request, from) => {
    if (rates !== undefined && !rates.take(clientOf(request.headers, from.peer))) {
      if (!passes(request)) return refuse("rate");
    }
    if (underWay < anybodys) {
      underWay += 1;
      return under(begin(request, from), endOne);
    }
    let asker = askerOf(request, from);
    const { client } = asker;
    const held = crowd.get(client) ?? 0;
    const hasRoom = held < mostOfOne &&
      (underWay < maxRequests || passes(request) || turns.makeRoom(client));
    if (!hasRoom && !passes(request)) {
      if (!turns.makeRoomOfOwn(asker)) return refuse("overloaded");
      asker = { ...asker, hasRested: true };
    }
    underWay += 1;
    crowd.set(client, held + 1);
    return under(begin(request, from, asker), () => {
      underWay -= 1;
      const left = (crowd.get(client) ?? 1) - 1;
      if (left > 0) crowd.set(client, left);
      else crowd.delete(client);
    });
  };
}
