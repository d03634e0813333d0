/** The API: pages of books, one book, and changes. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Book } from "../../domain/book.ts";
import type { ChangeRefusal } from "../../ports/book_catalogue.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Shop } from "../../use_cases/shop.ts";
import { answer, answerJson, answerTo } from "../exchange/answer.ts";
import { entityTag, isListed } from "../exchange/entity_tag.ts";
import { parseNewBook } from "../exchange/new_book_schema.ts";
import { created, noContent, notModified, Problem } from "../exchange/problem.ts";
import { createJsonBodyReader } from "../exchange/read_json_body.ts";
import { type RequestIdEnv, requestIdOf } from "../exchange/request_id.ts";
import { readSearchRequest, searchHeaders, searchUrl } from "../exchange/search_request.ts";
import type { Visitors } from "../exchange/visitor.ts";

/** Where books are searched for, and the first part of where each is. */
export const booksPath = "/api/books";

/** Answers what is searched for. @throws {Problem | StoreError} by rejection. */
export type AnswerSearch = (request: Request, requestId: string) => Promise<Response>;

export function searchAnswers(
  { searchBooks }: Pick<Shop, "searchBooks">,
  visitors: Visitors,
): AnswerSearch {
  return async (request, requestId) => {
    const asked = readSearchRequest(request, visitors.known(request.headers));
    const result = await searchBooks(asked);
    const { next } = result;
    const headers = {
      "Content-Type": "application/json",
      ...searchHeaders(result),
      ...(next !== undefined && {
        Link: `<${searchUrl(booksPath, asked.query, { cursor: next })}>; rel="next"`,
      }),
    };
    // The server sends a text for half of what it takes for bytes.
    return answerTo({ method: request.method, requestId }, result.text, { headers });
  };
}

/**
 * The API: a page of books as a JSON array, the next page as a link (RFC 8288), one book, and
 * changes, which operators may make.
 */
export function bookRoutes(
  shop: Shop,
  clock: Clock,
  operatorsOnly: MiddlewareHandler<RequestIdEnv>,
  answerSearch: AnswerSearch,
): Hono<RequestIdEnv> {
  const readJsonBody = createJsonBodyReader(clock);
  const { getBook, addBook, updateBook, removeBook } = shop;
  const routes = new Hono<RequestIdEnv>().basePath(booksPath);

  routes.get("/", (c) => answerSearch(c.req.raw, requestIdOf(c)));

  routes.get("/:id", async (c) => {
    const book = await existingBook(parseId(c.req.param("id")));
    const etag = await entityTag(book);
    const headers = { "Cache-Control": "no-cache", ETag: etag };
    const isKnown = isListed(c.req.header("If-None-Match"), etag);
    return isKnown
      ? answer(c, null, { status: notModified, headers })
      : answerJson(c, book, { headers });
  });

  routes.post("/", operatorsOnly, async (c) => {
    const book = await addBook(parseNewBook(await readJsonBody(c.req.raw)));
    const etag = await entityTag(book);
    const headers = { Location: `${booksPath}/${book.id}`, ETag: etag, ...uncached };
    return answerJson(c, book, { status: created, headers });
  });

  routes.put("/:id", operatorsOnly, async (c) => {
    const id = parseId(c.req.param("id"));
    const book = parseNewBook(await readJsonBody(c.req.raw));
    const expected = await expectedBook(id, c);
    const updated = await updateBook(id, book, expected);
    if (typeof updated === "string") throw refusal(id, updated);
    return answerJson(c, updated, { headers: { ETag: await entityTag(updated), ...uncached } });
  });

  routes.delete("/:id", operatorsOnly, async (c) => {
    const id = parseId(c.req.param("id"));
    const removed = await removeBook(id, await expectedBook(id, c));
    if (removed !== "removed") throw refusal(id, removed);
    return answer(c, null, { status: noContent, headers: uncached });
  });

  async function existingBook(id: number): Promise<Book> {
    const book = await getBook(id);
    if (book === undefined) throw refusal(id, "missing");
    return book;
  }

  /** The book that the client means; undefined: whatever it is. */
  async function expectedBook(id: number, { req }: Context): Promise<Book | undefined> {
    const [ifMatch, ifNoneMatch] = [req.header("If-Match"), req.header("If-None-Match")];
    if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
    const book = await existingBook(id);
    const etag = await entityTag(book);
    if (ifMatch !== undefined && !isListed(ifMatch, etag)) throw refusal(id, "changed");
    if (isListed(ifNoneMatch, etag)) {
      throw new Problem(
        "book-changed",
        `Book "${id}" has an ETag that If-None-Match names, wanted a book that has none of them`,
      );
    }
    return book;
  }

  return routes;
}

const uncached = { "Cache-Control": "no-store" };

function refusal(id: number, refused: ChangeRefusal): Problem {
  return refused === "missing"
    ? new Problem("book-not-found", `No book has the id "${id}"`)
    : new Problem(
      "book-changed",
      `Book "${id}" has another ETag than If-Match says, wanted that of its present state`,
    );
}

function parseId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new Problem(
    "bad-parameter",
    `Book id is ${JSON.stringify(text.slice(0, 50))}, wanted a whole number from 1 on`,
  );
}
