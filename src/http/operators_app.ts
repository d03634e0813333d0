import { Hono } from "hono";
import type { Shop } from "../use_cases/shop.ts";
import { errorResponse } from "./error_response.ts";
import { Problem } from "./exchange/problem.ts";
import type { RequestIdEnv } from "./exchange/request_id.ts";
import { healthRoutes } from "./routes/health.ts";
import { type Metrics, metricsRoutes } from "./routes/metrics.ts";

/**
 * Health and metrics of a process that serves no shop, at a listener that is the operators' own:
 * whoever reaches it may look.
 */
export function createOperatorsApp(
  { readiness, metrics }: Pick<Shop, "readiness"> & { readonly metrics: Metrics },
): Hono<RequestIdEnv> {
  const mayLook = () => Promise.resolve(true);
  const app = new Hono<RequestIdEnv>({ strict: false });
  app.onError(errorResponse);
  app.notFound((c) =>
    errorResponse(
      new Problem("not-found", "Operators find /livez, /readyz and /metrics here"),
      c,
    )
  );
  app.route("/", healthRoutes({ readiness }, mayLook));
  app.route("/", metricsRoutes(metrics, mayLook));
  return app;
}
