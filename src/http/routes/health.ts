import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { notReady } from "../exchange/problem.ts";

/**
 * `/livez`: the process answers. `/readyz`: it can answer searches (else 503), the program's
 * version, and how each queue is: `{"status": "ok"}` or `{"status": "degraded", "reason": …,
 * "detail": …, "since": …}`, which is 200 all the same.
 */
export function healthRoutes({ readiness }: Pick<Shop, "readiness">): Hono {
  const routes = new Hono();
  const noStore = { "Cache-Control": "no-store" };

  routes.get("/livez", (c) => c.json({ status: "ok" }, { headers: noStore }));

  routes.get("/readyz", async (c) => {
    const report = await readiness.check();
    return report.status === "unavailable"
      ? c.json(report, notReady, noStore)
      : c.json(report, { headers: noStore });
  });

  return routes;
}
