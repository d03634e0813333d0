import { Hono } from "hono";

/** The numbers as a scraper reads them. */
export interface MetricsText {
  readonly text: string;
  readonly contentType: string;
}

export function metricsRoutes(readMetrics: () => Promise<MetricsText>): Hono {
  return new Hono().get("/metrics", async (c) => {
    const { text, contentType } = await readMetrics();
    return c.body(text, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
  });
}
