import { getLogger } from "../ports/logger.ts";
import type { Context } from "hono";
import { errorReason } from "../ports/error_reason.ts";
import { StoreError } from "../ports/store_error.ts";
import { loadPages } from "./page/load_pages.ts";
import { answerPage } from "./exchange/answer.ts";
import { Problem, problemResponse } from "./exchange/problem.ts";
import { readableQuery } from "./exchange/query_parameters.ts";
import { type RequestIdEnv, requestIdOf } from "./exchange/request_id.ts";

const logger = getLogger(["shelfcast", "http"]);
const reading = ["GET", "HEAD"];

/**
 * The answer to whatever a route threw. Only a `Problem` tells its message; other errors go to the
 * log.
 */
export function errorResponse(
  error: Error,
  c: Context<RequestIdEnv>,
): Response | Promise<Response> {
  const problem = error instanceof Problem ? error : problemOf(error, c);
  return wantsPage(c) ? pageOf(problem, c) : problemResponse(c, problem);
}

async function pageOf(problem: Problem, c: Context<RequestIdEnv>): Promise<Response> {
  try {
    const { errorPage } = await loadPages();
    const { status, headers } = problem;
    const query = readableQuery(c.req.raw.url);
    const page = errorPage({ problem, query, requestId: requestIdOf(c) });
    return await answerPage(c, page, { status, headers });
  } catch (error) {
    const reason = error instanceof Error ? errorReason(error) : String(error);
    logger.error("The page of an error cannot be made: {reason}", { reason });
    return problemResponse(c, problem);
  }
}

function problemOf(error: Error, c: Context<RequestIdEnv>): Problem {
  const requestId = requestIdOf(c);
  if (error instanceof StoreError && error.code === "unavailable") {
    if (!reading.includes(c.req.method)) {
      // Health asks whether books can be found, so of this nobody else tells (a disk that is full).
      logger.error("A change of books was refused: {reason}", {
        reason: errorReason(error),
        "shelfcast.request_id": requestId,
      });
      return new Problem(
        "catalogue-unavailable",
        "Look whether the change was made, and try again",
      );
    }
    // The catalogue's adapter and the readiness tell that it is away; a line a request would drown
    // that.
    logger.debug("The catalogue is unavailable: {reason}", {
      reason: errorReason(error),
      "shelfcast.request_id": requestId,
    });
    return new Problem("catalogue-unavailable", "Searching will work again soon");
  }
  if (error instanceof StoreError && error.code === "full") {
    return new Problem("shelf-full", error.message);
  }
  const fields = { reason: errorReason(error), "shelfcast.request_id": requestId };
  logger.error("A request failed: {reason}", { ...fields, "error.type": typeOf(error) });
  logger.debug("A request failed, at {stack}", { ...fields, stack: error.stack ?? "" });
  return new Problem("internal");
}

const typeOf = (error: Error): string => error instanceof StoreError ? error.code : error.name;

/** People get a page; programs, which rarely ask for HTML, a problem. */
function wantsPage(c: Context): boolean {
  const { path } = c.req;
  if (path === "/") return true;
  return !path.startsWith("/api/") && (c.req.header("Accept") ?? "").includes("text/html");
}
