/** What everybody searches for: for programs, and in the shape of the tutorial's trend service. */
import { type Context, Hono } from "hono";
import type { Trend } from "../../domain/trend.ts";
import type { Shop } from "../../use_cases/shop.ts";
import type { Trends } from "../../use_cases/trends.ts";
import { answerJson } from "../exchange/answer.ts";
import { Problem } from "../exchange/problem.ts";
import { readPageSize } from "../exchange/page_size.ts";
import { fromReadModel } from "../exchange/read_model_fault.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";

export function trendRoutes({ trends }: Pick<Shop, "trends">): Hono<RequestIdEnv> {
  const routes = new Hono<RequestIdEnv>();

  const list = (
    read: (trends: Trends, limit: number) => Promise<readonly Trend[]>,
    shape: (trend: Trend) => unknown,
  ) =>
  async (c: Context<RequestIdEnv>) => {
    if (trends === undefined) throw new Problem("trends-off");
    const found = await fromReadModel(read(trends, readPageSize(c.req.raw.url)));
    return answerJson(c, found.map(shape), { headers: { "Cache-Control": "no-store" } });
  };

  routes.get("/api/trends", list((trends, limit) => trends.top(limit), whole));
  routes.get("/api/trends/misses", list((trends, limit) => trends.misses(limit), whole));
  routes.get("/trends", list((trends, limit) => trends.top(limit), brief));
  return routes;
}

const brief = ({ query, books, score }: Trend) => ({ query, books, score });

const whole = (trend: Trend) => ({
  ...brief(trend),
  searches: trend.searches,
  last_searched_at: new Date(trend.lastSearchedAt).toISOString(),
});
