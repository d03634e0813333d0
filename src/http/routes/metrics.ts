import { Hono } from "hono";
import { answer } from "../exchange/answer.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";

/** The numbers as a scraper reads them. */
export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
}

export function metricsRoutes(metrics: Metrics): Hono<RequestIdEnv> {
  return new Hono<RequestIdEnv>().get("/metrics", async (c) => {
    const headers = { "Content-Type": metrics.contentType, "Cache-Control": "no-store" };
    return answer(c, await metrics.text(), { headers });
  });
}
