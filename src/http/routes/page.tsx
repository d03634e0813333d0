import { Hono } from "hono";
import type { Shop } from "../../use_cases/shop.ts";
import { favicon } from "../page/favicon.ts";
import { renderPage } from "../page/layout.tsx";
import { SearchPage } from "../page/search_page.tsx";
import { stylesheet, stylesheetPath } from "../page/stylesheet.ts";
import { readSearchRequest, setSearchHeaders } from "../exchange/search_request.ts";
import { visitor } from "../exchange/visitor.ts";

/** The page for people, and the two files that it needs. */
export function pageRoutes({ searchBooks }: Shop, newVisitorId: () => string): Hono {
  const routes = new Hono();

  routes.get("/", async (c) => {
    const request = readSearchRequest(c, visitor(c, newVisitorId));
    const result = await searchBooks(request);
    setSearchHeaders(c, result);
    return c.html(renderPage(
      <SearchPage query={request.query} result={result} />,
    ));
  });

  routes.get(stylesheetPath, (c) =>
    c.body(stylesheet, {
      headers: {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
      },
    }));

  routes.on("GET", ["/favicon.svg", "/favicon.ico"], (c) =>
    c.body(favicon, {
      headers: { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400" },
    }));

  return routes;
}
