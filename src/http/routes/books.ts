import { Hono } from "hono";
import type { Clock } from "../../ports/clock.ts";
import type { Shop } from "../../use_cases/shop.ts";
import { parseNewBook } from "../new_book_schema.ts";
import { created, Problem } from "../problem.ts";
import { readJsonBody } from "../read_json_body.ts";
import { readSearchRequest, searchUrl, setSearchHeaders } from "../search_request.ts";
import { knownVisitor } from "../visitor.ts";

const path = "/api/books";

/**
 * The API: a page of books as a JSON array, the next page as a link (RFC 8288), one book, and a new
 * one.
 */
export function bookRoutes({ searchBooks, getBook, addBook }: Shop, clock: Clock): Hono {
  const routes = new Hono().basePath(path);

  routes.get("/", async (c) => {
    const request = readSearchRequest(c, knownVisitor(c));
    const result = await searchBooks(request);
    setSearchHeaders(c, result);
    if (result.nextOffset !== undefined) {
      c.header("Link", `<${searchUrl(path, request.query, result.nextOffset)}>; rel="next"`);
    }
    return c.json(result.books);
  });

  routes.get("/:id", async (c) => {
    const id = parseId(c.req.param("id"));
    const book = await getBook(id);
    if (book === undefined) throw new Problem("book-not-found", `No book has the id "${id}"`);
    c.header("Cache-Control", "no-cache");
    return c.json(book);
  });

  routes.post("/", async (c) => {
    const book = await addBook(parseNewBook(await readJsonBody(c.req.raw, clock)));
    return c.json(book, created, {
      Location: `${path}/${book.id}`,
      "Cache-Control": "no-store",
    });
  });

  return routes;
}

function parseId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new Problem(
    "bad-parameter",
    `Book id is ${JSON.stringify(text.slice(0, 50))}, wanted a whole number from 1 on`,
  );
}
