import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { answerJson } from "../exchange/answer.ts";
import type { MayLook } from "../exchange/operators_only.ts";
import { notReady } from "../exchange/problem.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";

/**
 * `/livez`: the process answers. `/readyz`: it can answer searches (else 503), the program's
 * version, and how each queue is: `{"status": "ok"}` or `{"status": "degraded", "reason": …,
 * "detail": …, "since": …}`, which is 200 all the same. Whoever is no operator learns the status
 * alone.
 */
export function healthRoutes(
  { readiness }: Pick<Shop, "readiness">,
  mayLook: MayLook,
): Hono<RequestIdEnv> {
  const routes = new Hono<RequestIdEnv>();
  const noStore = { "Cache-Control": "no-store" };

  routes.get("/livez", (c) => answerJson(c, { status: "ok" }, { headers: noStore }));

  routes.get("/readyz", async (c) => {
    const whole = await readiness.check();
    const report = await mayLook(c) ? whole : { status: whole.status };
    return report.status === "unavailable"
      ? answerJson(c, report, { status: notReady, headers: noStore })
      : answerJson(c, report, { headers: noStore });
  });

  return routes;
}
