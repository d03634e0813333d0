import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { favicon } from "../page/favicon.ts";
import { loadPages } from "../page/load_pages.ts";
import { answer, answerPage } from "../exchange/answer.ts";
import { Problem } from "../exchange/problem.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";
import { readSearchRequest, searchHeaders } from "../exchange/search_request.ts";
import type { Visitors } from "../exchange/visitor.ts";

/** The page for people, and the two files that it needs. */
export function pageRoutes(
  { searchBooks, highlights }: Pick<Shop, "searchBooks" | "highlights">,
  visitors: Visitors,
): Hono<RequestIdEnv> {
  const routes = new Hono<RequestIdEnv>();

  routes.get("/", async (c) => {
    const visitor = visitors.welcome(c);
    const request = readSearchRequest(c.req.raw, visitor);
    const recommendedTo = visitor.isProven && !visitor.isNew ? visitor.id : undefined;
    const [result, beside] = await Promise.all([searchBooks(request), highlights(recommendedTo)]);
    const { searchPage } = await loadPages();
    const page = searchPage({ query: request.query, result, highlights: beside });
    return answerPage(c, page, { headers: searchHeaders(result) });
  });

  routes.get("/assets/:name{page-[0-9a-f]{8}\\.css}", async (c) => {
    const { stylesheet, stylesheetPath } = await loadPages();
    if (c.req.path !== stylesheetPath) throw new Problem("not-found");
    return answer(c, stylesheet, {
      headers: {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
      },
    });
  });

  routes.on("GET", ["/favicon.svg", "/favicon.ico"], (c) =>
    answer(c, favicon, {
      headers: { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400" },
    }));

  return routes;
}
