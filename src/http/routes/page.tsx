import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { favicon } from "../page/favicon.ts";
import { renderPage } from "../page/layout.tsx";
import { SearchPage } from "../page/search_page.tsx";
import { stylesheet, stylesheetPath } from "../page/stylesheet.ts";
import { answer, answerPage } from "../exchange/answer.ts";
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
    const request = readSearchRequest(c, visitor);
    const recommendedTo = visitor.isProven && !visitor.isNew ? visitor.id : undefined;
    const [result, beside] = await Promise.all([searchBooks(request), highlights(recommendedTo)]);
    const page = renderPage(
      <SearchPage query={request.query} result={result} highlights={beside} />,
    );
    return answerPage(c, page, { headers: searchHeaders(result) });
  });

  routes.get(stylesheetPath, (c) =>
    answer(c, stylesheet, {
      headers: {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
      },
    }));

  routes.on("GET", ["/favicon.svg", "/favicon.ico"], (c) =>
    answer(c, favicon, {
      headers: { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400" },
    }));

  return routes;
}
