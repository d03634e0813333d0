/** What a visitor's searches find, and forgetting it. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Interest } from "../../domain/interest.ts";
import { isUuid } from "../../domain/uuid.ts";
import type { Shop } from "../../use_cases/shop.ts";
import { answerJson } from "../exchange/answer.ts";
import { readPageSize } from "../exchange/page_size.ts";
import { Problem } from "../exchange/problem.ts";
import { readParameters } from "../exchange/query_parameters.ts";
import { fromReadModel } from "../exchange/read_model_fault.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";
import type { Visitors } from "../exchange/visitor.ts";

const noStore = { "Cache-Control": "no-store" };

/** @param operatorsOnly For who asks for another visitor to be forgotten. */
export function visitorRoutes(
  { recommendations }: Pick<Shop, "recommendations">,
  operatorsOnly: MiddlewareHandler<RequestIdEnv>,
  visitors: Visitors,
): Hono<RequestIdEnv> {
  const routes = new Hono<RequestIdEnv>();

  const recommend = async (c: Context<RequestIdEnv>) => {
    const { url } = c.req.raw;
    const limit = readPageSize(url);
    const visitorId = readVisitorId(url) ?? visitors.proven(c.req.raw.headers);
    if (recommendations === undefined) throw new Problem("consumers-off");
    if (visitorId === undefined) return answerJson(c, [], { headers: noStore });
    const found = await fromReadModel(recommendations.of(visitorId, limit));
    return answerJson(c, found.map(shape(visitorId)), { headers: noStore });
  };

  routes.get("/api/recommendations", recommend);
  routes.get("/recommendations", recommend);

  routes.delete("/api/visitors/:uid", async (c, next) => {
    // Whoever bears the cookies that we gave is that visitor.
    if (visitors.proven(c.req.raw.headers) === parseVisitorId(c.req.param("uid"))) await next();
    else return await operatorsOnly(c, next);
  }, async (c) => {
    if (recommendations === undefined) throw new Problem("consumers-off");
    const visitorId = parseVisitorId(c.req.param("uid"));
    await fromReadModel(recommendations.forget(visitorId));
    if (visitors.known(c.req.raw.headers)?.id === visitorId) visitors.forget(c);
    return answerJson(c, { forgotten: visitorId, kept: keptUntilRetention }, { headers: noStore });
  });

  return routes;
}

const keptUntilRetention =
  "The log and the topic keep this visitor's events until their retention takes them away; no recommendation comes of them any more";

const shape = (userId: string) => ({ title, author, score }: Interest) => ({
  userId,
  title,
  author,
  score,
});

function readVisitorId(url: string): string | undefined {
  const text = readParameters(url, ["uid"]).get("uid");
  return text === undefined ? undefined : parseVisitorId(text);
}

/** @throws {Problem} `bad-parameter` */
function parseVisitorId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new Problem(
    "bad-parameter",
    `Visitor id is ${JSON.stringify(text.slice(0, 50))}, wanted a UUID, as in the cookie "uid"`,
  );
}
