import { Hono } from "hono";
import { isUuid } from "../../domain/uuid.ts";
import type { Shop } from "../../use_cases/shop.ts";
import { answerJson } from "../exchange/answer.ts";
import { Problem } from "../exchange/problem.ts";
import type { RequestIdEnv } from "../exchange/request_id.ts";

/** Receipts: what became of an event, by the id that its search was answered with. */
export function eventRoutes({ receipts }: Pick<Shop, "receipts">): Hono<RequestIdEnv> {
  const routes = new Hono<RequestIdEnv>().basePath("/api/events");

  routes.get("/:id", (c) => {
    const id = c.req.param("id");
    if (!isUuid(id)) {
      throw new Problem(
        "bad-parameter",
        `Event id is ${JSON.stringify(id.slice(0, 50))}, wanted a UUID, as in X-Event-Id`,
      );
    }
    const receipt = receipts.find(id.toLowerCase());
    if (receipt === undefined) {
      throw new Problem(
        "event-not-found",
        "Receipts are kept for the newest 10,000 events since this process started: it may be an older event, another process's, or none",
      );
    }
    // Offsets are larger than what numbers in JSON can say.
    const text = "offset" in receipt ? { ...receipt, offset: `${receipt.offset}` } : receipt;
    const headers = { "Cache-Control": "no-store" };
    return answerJson(c, { id: id.toLowerCase(), ...text }, { headers });
  });

  return routes;
}
