/** The routes that nearly everybody asks for, without the way that others come. */
import { Hono } from "hono";
import { getPath } from "hono/utils/url";
import type { Clock } from "../ports/clock.ts";
import type { NoteAnswer } from "./access_log.ts";
import { errorResponse } from "./error_response.ts";
import type { ChooseRequestId, RequestIdEnv } from "./exchange/request_id.ts";
import type { FindHostFault } from "./host_header.ts";
import { type AnswerSearch, booksPath } from "./routes/books.ts";

export interface BusyRoutesOptions {
  readonly answerSearch: AnswerSearch;
  /** What stands at the other paths, as the app has it. */
  readonly routes: readonly Hono<RequestIdEnv>[];
  readonly chooseRequestId: ChooseRequestId;
  readonly findHostFault: FindHostFault;
  readonly noteAnswer: NoteAnswer;
  readonly clock: Clock;
}

/** Undefined: the app is to answer. */
export type AnswerBusy = (
  request: Request,
  bindings: RequestIdEnv["Bindings"] | undefined,
) => Response | Promise<Response> | undefined;

/** Also the names that the access log has for them. */
const busyPaths: ReadonlySet<string> = new Set(["/livez", booksPath, "/"]);

/**
 * Middleware costs each request a promise a piece, together as much as `/livez` itself. These paths
 * need none: what it does for them is done here in a row, and one handler answers. A search, which
 * most requests are, does without Hono's router and context, too. Whatever is unusual about a
 * request (a method other than GET, a Host with a fault) is the app's.
 */
export function busyRoutes(options: BusyRoutesOptions): AnswerBusy {
  const { answerSearch, routes, chooseRequestId, findHostFault, noteAnswer, clock } = options;
  const router = new Hono<RequestIdEnv>();
  router.onError(errorResponse);
  for (const each of routes) router.route("/", each);
  const failed = new Hono<RequestIdEnv>();
  failed.onError(errorResponse);
  failed.all("*", ({ env }) => {
    throw env.error;
  });

  return (request, bindings) => {
    if (request.method !== "GET") return undefined;
    const route = getPath(request);
    if (!busyPaths.has(route) || findHostFault(request, route) !== undefined) return undefined;
    const startedAt = clock.now();
    const requestId = chooseRequestId(request.headers);
    const note = (response: Response): Response => {
      noteAnswer({ method: "GET", route, status: response.status, requestId, startedAt });
      return response;
    };
    if (route === booksPath) {
      return answerSearch(request, requestId).then(
        note,
        async (error) => note(await failed.fetch(request, { ...bindings, requestId, error })),
      );
    }
    const answered = router.fetch(request, { ...bindings, requestId });
    return answered instanceof Response ? note(answered) : answered.then(note);
  };
}
