/** The app: which middleware and routes there are, in which order. */
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { type Clock, systemClock } from "../ports/clock.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import type { Shop } from "../use_cases/shop.ts";
import { accessLog, noteAnswers } from "./access_log.ts";
import { busyRoutes } from "./busy_routes.ts";
import { errorResponse } from "./error_response.ts";
import { hostFaults, hostHeader } from "./host_header.ts";
import { operatorsLook, operatorsOnly } from "./exchange/operators_only.ts";
import { Problem } from "./exchange/problem.ts";
import { chooseRequestIds, type RequestIdEnv, requestIds } from "./exchange/request_id.ts";
import { createVisitors } from "./exchange/visitor.ts";
import { bookRoutes, searchAnswers } from "./routes/books.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { type Metrics, metricsRoutes } from "./routes/metrics.ts";
import { pageRoutes } from "./routes/page.ts";
import { trendRoutes } from "./routes/trends.ts";
import { visitorRoutes } from "./routes/visitors.ts";

export interface AppOptions {
  /** Default: nothing is measured. */
  readonly telemetry?: Telemetry;
  /** Answered at `/metrics`; default: there is no such route. */
  readonly metrics?: Metrics;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Whoever sends it may change books. Default: programs of this machine may. */
  readonly operatorToken?: string;
  /** Besides this machine's own names. Default: any. */
  readonly allowedHosts?: readonly string[];
  /** Whether operators have a listener of their own (`Peer.isAdmin`). Default: false. */
  readonly hasAdmin?: boolean;
  /** Default: random UUIDs, of version 4. */
  readonly newRequestId?: () => string;
  /** Gives UUIDs of version 4. Default: random ones. */
  readonly newVisitorId?: () => string;
  /** What visitors' cookies are signed with. Default: a random text, of this app alone. */
  readonly visitorSecret?: string;
}

/** The shop behind HTTP. Opens nothing: `app.fetch` goes to a server, `app.request()` to tests. */
export function createApp(shop: Shop, options: AppOptions = {}): Hono<RequestIdEnv> {
  const {
    telemetry = silentTelemetry,
    metrics,
    clock = systemClock,
    operatorToken,
    hasAdmin = false,
    allowedHosts = [],
    newRequestId = () => crypto.randomUUID(),
    newVisitorId = () => crypto.randomUUID(),
    visitorSecret = crypto.randomUUID(),
  } = options;
  // Not strict: a path that ends with a slash is the same path.
  const app = new Hono<RequestIdEnv>({ strict: false });

  app.onError(errorResponse);
  app.notFound((c) => errorResponse(new Problem("not-found"), c));

  const chooseRequestId = chooseRequestIds(newRequestId);
  const noteAnswer = noteAnswers(clock, telemetry);
  const findHostFault = hostFaults(allowedHosts);
  app.use(requestIds(chooseRequestId), accessLog(clock, noteAnswer));
  app.use(hostHeader(findHostFault));
  app.use(methodNotAllowed({
    app,
    onMethodNotAllowed: async (c, methods) => {
      const allowed = methods.join(", ");
      const response = await errorResponse(
        new Problem("method-not-allowed", `Method is "${c.req.method}", wanted ${allowed}`),
        c,
      );
      response.headers.set("Allow", allowed);
      return response;
    },
  }));

  const onlyOperators = operatorsOnly(operatorToken);
  const visitors = createVisitors(newVisitorId, visitorSecret);
  const answerSearch = searchAnswers(shop, visitors);
  app.route("/", bookRoutes(shop, clock, onlyOperators, answerSearch));
  app.route("/", trendRoutes(shop));
  app.route("/", visitorRoutes(shop, onlyOperators, visitors));
  app.route("/", eventRoutes(shop));
  const mayLook = operatorsLook(operatorToken, hasAdmin);
  const health = healthRoutes(shop, mayLook);
  app.route("/", health);
  if (metrics !== undefined) app.route("/", metricsRoutes(metrics, mayLook));
  const page = pageRoutes(shop, visitors);
  app.route("/", page);

  const answerAny = app.fetch;
  const answerBusy = busyRoutes({
    answerSearch,
    routes: [health, page],
    chooseRequestId,
    findHostFault,
    noteAnswer,
    clock,
  });
  app.fetch = (request, bindings, context) =>
    answerBusy(request, bindings as RequestIdEnv["Bindings"]) ??
      answerAny(request, bindings, context);
  return app;
}
