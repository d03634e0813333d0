import { Hono } from "hono";
import { answer } from "../exchange/answer.ts";
import type { MayLook } from "../exchange/operators_only.ts";
import { Problem } from "../exchange/problem.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";

/** The numbers as a scraper reads them. */
export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
}

/** They tell of brokers and traffic, so they are for operators. */
export function metricsRoutes(metrics: Metrics, mayLook: MayLook): Hono<RequestIdEnv> {
  return new Hono<RequestIdEnv>().get("/metrics", async (c) => {
    if (!await mayLook(c)) {
      throw new Problem(
        "operators-only",
        'Metrics are for operators, wanted a request to "app.admin", with the operator token or, without either, from this machine',
      );
    }
    const headers = { "Content-Type": metrics.contentType, "Cache-Control": "no-store" };
    return answer(c, await metrics.text(), { headers });
  });
}
