import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { notReady } from "../problem.ts";

/** `/livez`: the process answers. `/readyz`: it can answer searches, and whether the queue takes their events. */
export function healthRoutes({ readiness }: Pick<Shop, "readiness">): Hono {
  const routes = new Hono();
  const noStore = { "Cache-Control": "no-store" };

  routes.get("/livez", (c) => c.json({ status: "ok" }, { headers: noStore }));

  routes.get("/readyz", async (c) => {
    const status = await readiness.check();
    return status === "unavailable"
      ? c.json({ status }, notReady, noStore)
      : c.json({ status }, { headers: noStore });
  });

  return routes;
}
