import { Hono } from "hono";

/** The numbers as a scraper reads them. */
export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
}

export function metricsRoutes(metrics: Metrics): Hono {
  return new Hono().get("/metrics", async (c) => {
    const headers = { "Content-Type": metrics.contentType, "Cache-Control": "no-store" };
    return c.body(await metrics.text(), { headers });
  });
}
